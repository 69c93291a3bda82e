"""Answers to signals and registrations of this app."""

from __future__ import annotations

from companies import readiness
from payments.validation import setup

readiness.register(setup.company_conditions)
