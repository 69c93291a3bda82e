"""The gateway (OPG) as the console speaks to it: docs/gateway-protocol.md."""
