"""Invitations: a signed link by e-mail that works once, ends by itself, and gives the roles an administrator chose.

Whoever opens the link is the owner of the mailbox; the link never says whether an address is known otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies import mails
from companies.choices import Role
from companies.models import Company, Invitation, Membership, Person
from companies.roles import NotGiven, add_roles

DAYS = 7
SALT = "invitation"
MOST_MAILS = 10


def open_ones(company: Company) -> QuerySet[Invitation]:
    """Invitations nobody accepted or withdrew, the newest first; some may have run out."""
    rows = Invitation.objects.filter(company=company, accepted_at__isnull=True, withdrawn_at__isnull=True)
    return rows.select_related("invited_by").order_by("-pk")


def invite(company: Company, email: str, roles: Iterable[str], language: str, by: Person) -> Invitation:
    """Invite the owner of this address; whoever was invited already gets a new link with the roles chosen now.

    Raises NotGiven without a role, for one's own address and for somebody who is in the company already.
    """
    address = email.strip().lower()
    chosen = [role for role in Role.values if role in set(roles)]
    if not chosen:
        raise NotGiven(_("Choose at least one role."))
    if address in (by.email.lower(), by.username.lower()):
        raise NotGiven(_("Nobody gives a role to themself. Another administrator must give it."))
    if Membership.objects.filter(company=company, person__email__iexact=address).exists():
        raise NotGiven(_("%(email)s is in the company already: change the roles in the table.") % {"email": address})
    facts = {"roles": ",".join(chosen), "language": language, "invited_by": by, "expires_at": _until()}
    invitation = open_ones(company).filter(email=address).first()
    if invitation is None:
        try:
            with transaction.atomic():
                invitation = Invitation.objects.create(company=company, email=address, **facts)
        except IntegrityError as error:  # two administrators at the same moment
            raise NotGiven(_("%(email)s was invited a moment ago.") % {"email": address}) from error
        return resend(invitation)
    with transaction.atomic():  # new roles only together with a new link
        _open(Q(pk=invitation.pk)).update(**facts)
        return resend(invitation)


def resend(invitation: Invitation) -> Invitation:
    """Send a new link; the old one stops working. Raises NotGiven when it was accepted, withdrawn or sent too often."""
    still = _open(Q(pk=invitation.pk, sent__lt=MOST_MAILS))
    with transaction.atomic():
        if not still.update(sent=F("sent") + 1, expires_at=_until()):
            raise NotGiven(_("The invitation is closed or was sent too often. Invite the person anew."))
        invitation.refresh_from_db()
        _post(invitation)
    return invitation


def withdraw(invitation: Invitation, by: Person) -> None:
    """The link stops working. Raises NotGiven when the person is in already."""
    if not _open(Q(pk=invitation.pk)).update(withdrawn_at=timezone.now(), withdrawn_by=by):
        raise NotGiven(_("The invitation was accepted or withdrawn already."))


def token_of(invitation: Invitation) -> str:
    """What stands in the link: the invitation and which mail it came by, signed."""
    return signing.dumps([invitation.pk, invitation.sent], salt=SALT)


def find(token: str) -> Invitation | None:
    """The open invitation of a link; None for a link that is wrong, old, used, withdrawn or replaced by a newer one.

    It also dies when the inviting person lost the right to invite.
    """
    try:
        number, sent = signing.loads(token, salt=SALT, max_age=timedelta(days=DAYS))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = _open(Q(pk=number, sent=sent, expires_at__gt=timezone.now())).select_related("company", "invited_by")
    invitation = found.first()
    if invitation is None or not _may_invite(invitation):
        return None
    return invitation


def known_person(invitation: Invitation) -> Person | None:
    """Who has this address already, active or not."""
    address = invitation.email
    rows = Person.objects.filter(Q(email__iexact=address) | Q(username__iexact=address))
    return rows.order_by("-is_active", "pk").first()


def join(invitation: Invitation, person: Person) -> None:
    """The person takes the invitation. One UPDATE decides; a second use of the link raises NotGiven."""
    with transaction.atomic():
        mine = _open(Q(pk=invitation.pk, sent=invitation.sent, expires_at__gt=timezone.now()))
        if not mine.update(accepted_at=timezone.now(), accepted_by=person):
            raise NotGiven(_("The invitation was used already."))
        add_roles(invitation.company, person, invitation.roles.split(","), invitation.invited_by)


def join_as_new(
    invitation: Invitation, *, first_name: str, last_name: str, language: str, password: str | None
) -> Person:
    """Make the person and let them in; without a password they log in by OpenID Connect. Raises NotGiven."""
    person = Person(
        username=invitation.email,
        email=invitation.email,
        first_name=first_name,
        last_name=last_name,
        language=language,
        invited_by=invitation.invited_by,
    )
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            join(invitation, person)
    except IntegrityError as error:  # the same link in two windows
        raise NotGiven(_("The invitation was used already.")) from error
    return person


def _open(wanted: Q) -> QuerySet[Invitation]:
    return Invitation.objects.filter(wanted, accepted_at__isnull=True, withdrawn_at__isnull=True)


def _until() -> object:
    return timezone.now() + timedelta(days=DAYS)


def _may_invite(invitation: Invitation) -> bool:
    by = invitation.invited_by
    if not by.is_active:
        return False
    rows = Membership.objects.filter(company=invitation.company, person=by, role=Role.ADMINISTRATOR)
    return rows.exists() or by.instance_roles.filter(role="administrator").exists()


def _post(invitation: Invitation) -> None:
    link = settings.PUBLIC_URL.rstrip("/") + reverse("invitation", args=[token_of(invitation)])
    with override(invitation.language):
        facts = {
            "company": invitation.company.name,
            "by": invitation.invited_by.shown,
            "link": link,
            "until": date_format(timezone.localtime(invitation.expires_at), "DATETIME_FORMAT"),
        }
        subject = _("You are invited to %(company)s in AutoPay Console") % facts
        body = _(
            "%(by)s invites you to %(company)s.\n\n"
            "Open this link to set your password and language:\n%(link)s\n\n"
            "It works once, until %(until)s. If you expected no invitation, do nothing."
        )
        key = f"invitation:{invitation.pk}:{invitation.sent}"
        mails.post(key, [invitation.email], subject, body % facts, company=invitation.company)
