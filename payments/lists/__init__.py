"""What lists and pages read."""
