"""Forms look the same everywhere: one field template."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class ConsoleFormRenderer(TemplatesSetting):
    """Django's renderer with the console's field part."""

    field_template_name = "components/field.html"
