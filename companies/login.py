"""Login: sign-up is closed, people are invited; account mails leave by the outbox; OpenID Connect for known people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from autopay_console.kernel.ids import new_id
from companies import invitations, mails
from companies.models import Person
from companies.roles import NotGiven

INVITED = "invitation"  # the link somebody came by, kept in the session while they are at the company login


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Password and second-factor mails wait in the outbox like every other mail."""
        mail = self.render_mail(template_prefix, email, context)
        mails.post(f"account:{new_id()}", mail.to, mail.subject, mail.body)


class InvitedOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """OpenID Connect proves who somebody is; whether they may come in is decided here."""

    def is_open_for_signup(self, request: Any, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: Any, sociallogin: Any) -> None:
        """Lead a proven address to its person, or to the invitation the link of which is open in this browser."""
        if sociallogin.is_existing:
            return
        proven = {one.email.lower() for one in sociallogin.email_addresses if one.verified}
        person = _invited(request, sociallogin, proven) or _known(proven)
        if person is None:
            text = _("Company login worked, but nobody here has that e-mail address. Ask for an invitation.")
            messages.error(request, text)
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, person)


def _known(proven: set[str]) -> Person | None:
    people = [one for address in proven for one in Person.objects.filter(email__iexact=address, is_active=True)[:2]]
    return people[0] if len(people) == 1 else None


def _invited(request: Any, sociallogin: Any, proven: set[str]) -> Person | None:
    invitation = invitations.find(request.session.get(INVITED, ""))
    if invitation is None or invitation.email not in proven or invitations.known_person(invitation):
        return None
    said = sociallogin.user
    try:
        return invitations.join_as_new(
            invitation,
            first_name=said.first_name[:150],
            last_name=said.last_name[:150],
            language=invitation.language,
            password=None,
        )
    except NotGiven:
        return None
