"""Mail about trouble: one when it has lasted three minutes, one when it is over, and never a storm of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from autopay_console.kernel.nudging import nudge
from companies import mails
from companies.models import MailOutbox, Person
from integration import health
from integration.health import Part
from integration.models import HealthSample

IN_A_ROW = 3  # samples, one a minute: a short hiccup wakes nobody, and a short good spell ends nothing
QUIET = timedelta(minutes=30)  # between two alerts about one part
OVER = ":over"


def tell(parts: Iterable[Part]) -> int:
    """Post what people should hear after these measurements; how many mails were posted."""
    posted = sum(_tell_about(part) for part in parts)
    if posted:
        nudge("companies.tasks.send_mails")
    return posted


def receivers() -> dict[str, list[str]]:
    """Who looks after the installation and wants mail: addresses by language."""
    people = Person.objects.filter(is_active=True, wants_mail=True, instance_roles__isnull=False).exclude(email="")
    found: dict[str, list[str]] = {}
    for language, address in people.distinct().order_by("id").values_list("language", "email"):
        found.setdefault(language or settings.LANGUAGE_CODE, []).append(address)
    return found


def _tell_about(part: Part) -> bool:
    samples = HealthSample.objects.filter(part=part.code, by_hand=False).order_by("-at")
    last = list(samples.values_list("good", flat=True)[:IN_A_ROW])
    alert = _last_alert(part.code)
    is_open = alert is not None and not MailOutbox.objects.filter(key=alert.key + OVER).exists()
    if len(last) < IN_A_ROW:
        return False
    if not any(last) and not is_open and not (alert and alert.created_at > timezone.now() - QUIET):
        return _post(part, f"{_prefix(part.code)}{_since(part.code):%Y%m%dT%H%M%S}")
    if all(last) and alert is not None and is_open:
        return _post(part, alert.key + OVER)
    return False


def _post(part: Part, key: str) -> bool:
    """One mail for each language; only the first bears the key that is looked for later."""
    posted = False
    for place, (language, addresses) in enumerate(receivers().items()):
        told = part if language == translation.get_language() else _retold(part, language)
        with translation.override(language):
            posted |= mails.post(f"{language}:{key}" if place else key, addresses, *_mail(told))
    return posted


def _retold(part: Part, language: str) -> Part:
    """The part in another language: looked at once more, without calling the gateway."""
    with translation.override(language):
        again = next((one for one in health.watch() if one.code == part.code), part)
    return again if again.good == part.good else part


def _mail(part: Part) -> tuple[str, str]:
    """Subject and body in the language in force."""
    lines = [part.words]
    if not part.good:
        lines += [_("What to do: %(remedy)s") % {"remedy": part.remedy}] if part.remedy else []
        lines += [_("Normal: %(normal)s") % {"normal": part.normal}] if part.normal else []
    lines.append(settings.PUBLIC_URL.rstrip("/") + reverse("operations"))
    subject = _("Working again: %(part)s") if part.good else _("Trouble: %(part)s")
    return f"AutoPay Console · {subject % {'part': part.name}}", "\n\n".join(lines)


def _prefix(code: str) -> str:
    return f"health:{code}:"


def _last_alert(code: str) -> MailOutbox | None:
    """The newest alert about a part; recovery notices are not alerts."""
    prefix = _prefix(code)
    of_part = MailOutbox.objects.filter(key__gte=prefix, key__lt=prefix[:-1] + ";")  # ";" follows ":"
    return of_part.exclude(key__endswith=OVER).order_by("-id").first()


def _since(code: str) -> datetime:
    """When the trouble that lasts now began."""
    samples = HealthSample.objects.filter(part=code, by_hand=False)
    last_good = samples.filter(good=True).order_by("-at").values_list("at", flat=True).first()
    bad = samples.filter(good=False) if last_good is None else samples.filter(good=False, at__gt=last_good)
    return bad.order_by("at").values_list("at", flat=True).first() or timezone.now()
