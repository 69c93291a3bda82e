"""The demo: two believable Nordic companies, one payment run out, one bank day in, on one machine."""
