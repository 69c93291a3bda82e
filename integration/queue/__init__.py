"""The private queue: registered with the gateway, read into the inbox, worked on from there."""
