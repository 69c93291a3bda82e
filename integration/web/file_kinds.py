"""Extensions and retention by kind of file, and what may be deleted by now."""

from __future__ import annotations

from collections import Counter

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleModelForm
from companies.access import ConsoleRequest, instance_view
from companies.choices import InstanceRoleKind
from integration import file_kinds as kinds
from integration import retention
from integration.models import FileKind

SHOWN = 100
EXTENSION = RegexValidator(r"^[a-z0-9]{1,10}\Z", gettext_lazy("Small letters and figures only, without a dot."))


class KindForm(ConsoleModelForm):
    """Another extension, or another time to be kept; the law of the company's country is the least."""

    extension = forms.CharField(label=gettext_lazy("Extension"), max_length=10, validators=[EXTENSION])
    keep_days = forms.IntegerField(
        label=gettext_lazy("Kept for days"),
        min_value=1,
        max_value=36_525,
        help_text=gettext_lazy("Never shorter than the bookkeeping term of the company's country."),
    )

    class Meta:
        model = FileKind
        fields = ["extension", "description", "keep_days"]


@require_GET
@instance_view()
def file_kinds(request: ConsoleRequest) -> HttpResponse:
    """The table; with `?dry=1` what retention would delete today."""
    context: dict[str, object] = {
        "kinds": FileKind.objects.order_by("kind"),
        "years": sorted(kinds.BOOKKEEPING_YEARS.items()),
        "longest": kinds.LONGEST_YEARS,
        "may": request.rights.instance_administrator,
    }
    if request.GET.get("dry") == "1":
        old = list(retention.may_go())
        counts = Counter(one.kind for one in old)
        context |= {
            "dry": True,
            "old": old[:SHOWN],
            "many": len(old),
            "bytes": sum(one.size for one in old),
            "by_kind": counts.most_common(),
        }
    return htmx.render_page(request, "integration/file_kinds.html", context)


@require_http_methods(["GET", "POST"])
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def file_kind(request: ConsoleRequest, kind: str) -> HttpResponse:
    """Change one kind. Files stored before keep their names."""
    row = get_object_or_404(FileKind, pk=kind)
    form = KindForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        return htmx.done(request, toast=_("Saved"), to="file_kinds", go=True)
    context = {
        "form": form,
        "title": _("Kind of file: %(kind)s") % {"kind": kind},
        "text": _("Files stored before keep their names."),
        "verb": _("Save"),
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_POST
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def purge(request: ConsoleRequest) -> HttpResponse:
    """Delete what the dry run listed; rows and digests stay."""
    gone = retention.purge()
    size = sum(one.size for one in gone)
    said = _("%(count)d files with %(bytes)d bytes deleted.") % {"count": len(gone), "bytes": size}
    return htmx.done(request, toast=said, to="file_kinds", go=True)
