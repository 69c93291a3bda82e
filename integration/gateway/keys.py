"""A company's signing keys and how calls name the company."""

from __future__ import annotations

from django.utils import timezone

from companies.models import Company


def live_keys(company: Company) -> list[str]:
    """Keys that may still be good: the one in force, then the previous one inside its grace period."""
    keys = [company.signing_key]
    if company.previous_key_until and company.previous_key_until > timezone.now():
        keys.append(company.previous_signing_key)
    return [key for key in dict.fromkeys(keys) if key]


def keyid(company: Company) -> str:
    """Country and organisation number without blanks, dots or hyphens: NO-918234567."""
    number = "".join(sign for sign in company.organisation_no if sign.isascii() and sign.isalnum())
    return f"{company.country_id}-{number}"
