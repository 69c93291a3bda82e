"""Matching: which open customer entries an incoming payment pays. Nothing is posted on a guess (system §6)."""
