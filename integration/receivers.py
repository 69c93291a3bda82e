"""Answers to signals and registrations of this app."""
