"""Who pays, from which bank, under which rules."""
