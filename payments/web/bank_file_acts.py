"""Loading a bank file by hand, and importing one again that was refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments.bank_files import importing, trying
from payments.web.bank_files import find

LARGEST = 512 * 1024 * 1024
SHOWN = 200  # rows of a trial


class FileForm(ConsoleForm):
    """A file from the bank's portal."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("camt.052, .053, .054, pain.002, VIP or status report. What it is, the console reads."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 512 MB. Ask the bank to send it in parts."))
        return file


def content_of(file: Any) -> bytes | Path:
    """The bytes, or where a large upload lies on the disk."""
    if isinstance(file, TemporaryUploadedFile):
        return Path(file.temporary_file_path())
    content: bytes = file.read()
    return content


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def load(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Keep a file; it is imported like one the bank sent. The same bytes again are the same file."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        file = importing.receive(company, content_of(upload), upload.name or "", by=request.user)
        if file.delivered_again:
            toast = _("These very bytes came before; nothing was done again")
        else:
            toast = _("The file is kept and is being imported")
        return htmx.done(request, toast=toast, to=reverse("bank_file", args=[file.pk]), go=True)
    context = {"form": form, "action": request.path, "multipart": True}
    return htmx.render_dialog(request, "payments/bank_files/load.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def try_file(request: ConsoleRequest, company: Company) -> HttpResponse:
    """What importing a file would match, post and park. Nothing is written until Import is pressed."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    trial = None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        if request.POST.get("do") == "import":
            file = importing.receive(company, content_of(upload), upload.name or "", by=request.user)
            toast = _("The file is kept and is being imported")
            return htmx.done(request, toast=toast, to=reverse("bank_file", args=[file.pk]), go=True)
        trial = trying.try_file(company, content_of(upload), upload.name or "")
    context = {"form": form, "trial": trial, "shown": trial.lines[:SHOWN] if trial else []}
    status = 422 if form.errors else 200
    return htmx.render_page(request, "payments/bank_files/try.html", context, part="trial", status=status)


@require_POST
@company_view(Role.ACCOUNTANT)
def import_again(request: ConsoleRequest, company: Company, file_id: UUID) -> HttpResponse:
    """Try a refused file anew, after what refused it was mended."""
    file = find(company, file_id)
    toast = _("The file is imported again") if importing.again(file) else _("The file was not refused")
    return htmx.done(request, toast=toast, to=reverse("bank_file", args=[file_id]), go=True)
