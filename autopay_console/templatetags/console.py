"""Tags of every screen: amounts, states, icons, moments, addresses. templates/components/README.md lists them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, RadioSelect, Widget
from django.template.defaultfilters import date as written
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel import money as money_rules
from autopay_console.kernel.days import short_day
from autopay_console.kernel.listing import COUNT_LIMIT, Listing
from autopay_console.templatetags import tones
from companies import accounts
from payments.choices import LineStatus

register = template.Library()
DASH = "–"


@lru_cache(maxsize=1)
def _drawings() -> ZipFile:
    """Lucide's drawings, in memory. Reading the archive's index takes as long as reading a hundred of them."""
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


@lru_cache(maxsize=256)
def _icon(name: str, extra: str) -> SafeString:
    try:
        drawing = _drawings().read(f"{name}.svg").decode()
    except KeyError:
        if settings.TESTING or settings.DEBUG:
            raise
        return mark_safe("")  # a picture that went missing must not take the page with it
    strokes = drawing.partition(">")[2]  # what stands before them, the style sheet says (class `ic`)
    light = mark_safe(" ".join(strokes.split()).replace(" />", "/>").replace("> <", "><"))  # noqa: S308
    return format_html('<svg viewBox="0 0 24 24" class="{}" aria-hidden="true">{}', f"ic {extra}".strip(), light)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A Lucide icon, hidden from readers: the word stands beside it."""
    return _icon(str(name), str(extra))


@register.simple_tag
def money(amount: Decimal | money_rules.Money | str | None, currency: Any = "") -> str:
    """An amount with its currency after it, in grey. `currency`: code, or a Currency row."""
    if amount is None or isinstance(amount, str):
        return DASH
    if isinstance(amount, money_rules.Money):
        return money(amount.amount, amount.currency)
    figures = amounts.shown(amount, tones.decimals_of(currency))
    return format_html('{}<span class="cur">\u00a0{}</span>', figures, currency) if currency else figures


@register.filter(name="amount")
def amount_filter(value: Any) -> str:
    """Figures only."""
    return DASH if value in (None, "") else amounts.shown(value)


@register.filter
def figures(value: Any) -> str:
    """A number with thin spaces and no more decimals than it needs."""
    return DASH if value in (None, "") else amounts.shown(value, 0)


@register.filter
def rounded(value: Decimal) -> str:
    """An amount without decimals, for sums one only compares."""
    return amounts.shown(money_rules.rounded(value, 0), 0)


@register.filter
def orgno(number: str) -> str:
    """A Norwegian organisation number in threes; others as they are."""
    return f"{number[:3]}\u00a0{number[3:6]}\u00a0{number[6:]}" if len(number) == 9 and number.isdigit() else number


@register.filter
def amount_count(value: int) -> str:
    """A count with thin spaces; beyond 10 000 it only says so."""
    return f"{amounts.shown(COUNT_LIMIT, 0)}+" if value > COUNT_LIMIT else amounts.shown(value, 0)


@register.simple_tag
def status(value: Any, note: str = "", word: str = "", tone: str | None = None) -> SafeString:
    """Status of a line or payment: its code in a box, then the word."""
    code = int(value)
    words = word or (LineStatus(code).label if code in LineStatus.values else str(code))
    after = f" · {note}" if note else ""
    shade = tones.STATUS.get(code, "") if tone is None else tone
    return format_html('<span class="st {}"><b>{}</b> {}{}</span>', shade, code, words, after)


@register.simple_tag
def badge(tone: str, word: Any, bare: bool = False) -> SafeString:
    """A state that has no number: shape and word."""
    return format_html('<span class="badge {}{}">{}</span>', tone, " bare" if bare else "", word)


@register.simple_tag
def badge_of(row: Any, name: str, bare: bool = False) -> SafeString:
    """Badge of a choices field."""
    value = getattr(row, name)
    if value in (None, ""):
        return mark_safe("")
    word = getattr(row, f"get_{name}_display")()
    return badge(tones.tone_of(row, name, value), word, bare)


@register.simple_tag
def pips(given: int, needed: int) -> SafeString:
    """Approvals given of those needed."""
    dots = format_html_join("", "<i{}></i>", ((mark_safe(' class="on"') if n < given else "",) for n in range(needed)))
    words = _("%(given)s of %(needed)s") % {"given": given, "needed": needed}
    return format_html('<span class="pips"><span aria-hidden="true">{}</span>{}</span>', dots, words)


@register.filter
def day(value: date | None) -> str:
    """Mon 30 Nov, with the year when it is not this one."""
    return short_day(value) if value else DASH


@register.simple_tag
def when(moment: datetime | None, style: str = "") -> SafeString | str:
    """A moment in prose (today 09:31, Wed 25 Nov 08:55) or, for tables, 2026-11-25 08:55; "plain": text alone."""
    if not moment:
        return DASH
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    today = timezone.localdate()
    if style == "table":
        text = written(local, "Y-m-d H:i")
    elif local.date() == today:
        text = _("today %(time)s") % {"time": written(local, "H:i")}
    elif local.date() == today - timedelta(days=1):
        text = _("yesterday %(time)s") % {"time": written(local, "H:i")}
    else:
        text = f"{day(local.date())} {written(local, 'H:i')}"
    if style == "plain":
        return text
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


@register.filter
def account(number: str) -> str:
    """An account number as it is printed: IBAN in fours, national numbers in their own groups."""
    return accounts.display(number).replace(" ", "\u00a0") if number else DASH


@register.filter
def tail(number: str) -> str:
    """The last four of an account."""
    return f"…{number[-4:]}" if number else DASH


@register.filter
def digest(value: str, style: str = "") -> str:
    """A digest people compare: first and last four, or the first 32 in fours."""
    if not value:
        return DASH
    if style == "long":
        return " ".join(value[n : n + 4] for n in range(0, min(len(value), 32), 4)) + (" …" if len(value) > 32 else "")
    return f"{value[:4]}…{value[-4:]}"


@register.simple_tag
def kbd(*keys: str) -> SafeString:
    """Key caps on a button; readers get the key from the button itself."""
    return format_html_join(" ", '<kbd aria-hidden="true">{}</kbd>', ((key,) for key in keys))


@register.simple_tag
def page_url(name: str, *args: Any) -> str:
    """The address of a page, or nothing when there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def opens(url: str) -> SafeString:
    """Attributes of a link that opens the dialog, and still is a link without script."""
    return format_html('href="{0}" hx-get="{0}" hx-target="#dialog" hx-swap="innerHTML"', url)


@register.simple_tag
def loads(url: str, part: str = "listing") -> SafeString:
    """Attributes of a link that swaps one part of the page; the address follows."""
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="#{1}" hx-swap="outerHTML show:none" hx-push-url="true"', url, part
    )


@register.simple_tag
def reloads(listing: Listing) -> SafeString:
    """Attributes of a list that asks for itself again when something in it changed."""
    return format_html(
        'hx-get="{}" hx-trigger="refresh-{} from:body" hx-target="this" hx-swap="outerHTML"',
        listing.own_url,
        listing.part,
    )


@register.simple_tag
def sort_head(listing: Listing, key: str, label: Any, classes: str = "") -> SafeString:
    """A column head that sorts: link, arrow, and `aria-sort` for readers."""
    direction = listing.direction(key)
    arrow = {"ascending": " ↑", "descending": " ↓"}.get(direction, "")
    sort = format_html(' aria-sort="{}"', direction) if direction else ""
    link = loads(listing.sort_url(key), listing.part)
    look = format_html(' class="{}"', classes) if classes else ""
    return format_html('<th scope="col"{}{}><a {}>{}{}</a></th>', look, sort, link, label, arrow)


@register.simple_tag
def tick(value: Any, label: Any, why_not: Any = "", name: str = "pick", checked: bool = False) -> SafeString:
    """A tick of the bulk bar; `why_not` disables it and says why."""
    if why_not:
        return format_html('<input type="checkbox" disabled aria-label="{} {}: {}">', label, value, why_not)
    mark = mark_safe(" checked") if checked else ""
    return format_html(
        '<input type="checkbox" form="bulk" name="{}" value="{}" aria-label="{} {}" autocomplete="off"{}>',
        name,
        value,
        label,
        value,
        mark,
    )


@register.simple_tag
def tick_all(label: Any = "") -> SafeString:
    """The tick in the head of a table: every row of this page."""
    words = label or _("Select all on this page")
    return format_html('<input type="checkbox" data-tick-all autocomplete="off" aria-label="{}">', words)


@register.simple_tag
def crumbs(*parts: Any) -> SafeString:
    """Where you are: label, address, label, address, …, and the label of this page."""
    items: Iterable[Any] = zip(parts[0:-1:2], parts[1:-1:2], strict=False)
    links = format_html_join("", '<li><a href="{1}">{0}</a></li>', items)
    return format_html(
        '<nav class="crumbs" aria-label="{}"><ol>{}<li aria-current="page">{}</li></ol></nav>',
        _("Where you are"),
        links,
        parts[-1],
    )


@register.filter
def control(bound: BoundField) -> SafeString:
    """The widget of a field in our look."""
    widget: Widget = bound.field.widget
    if isinstance(widget, CheckboxInput | RadioSelect) or getattr(widget, "input_type", "") in ("checkbox", "hidden"):
        return bound.as_widget()
    classes = " ".join(filter(None, ("in", "num" if "data-figures" in widget.attrs else "", widget.attrs.get("class"))))
    return bound.as_widget(attrs={"class": classes})


@register.filter
def is_tick(bound: BoundField) -> bool:
    """A single checkbox, whose label stands after it."""
    return isinstance(bound.field.widget, CheckboxInput)
