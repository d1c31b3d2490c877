"""What keeps the heap in order with an illustrative context: tags and the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.utils.safestring import mark_safe

from tests.design import samples
from tests.design.samples_agenda import T

TAGS: Final = [
    {"name": "Timbrado", "tone": "brand", "slug": "timbrado"},
    {"name": "Espera al PAC", "tone": "bad", "slug": "espera-al-pac"},
    {"name": "v4.2.7", "tone": "mute", "slug": "v4-2-7"},
]
# As `presenters.tags.in_row` writes them.
IN_ROW: Final = mark_safe('<span class="tag" data-tone="brand">Timbrado</span><span class="tag">+1</span>')


class TagForm(forms.Form):
    name = forms.CharField(label="Nombre")
    tone = forms.ChoiceField(label="Color", choices=[("mute", "gris"), ("brand", "turquesa")])
    is_active = forms.BooleanField(label="Se puede poner en los tickets", required=False)


class Merge(forms.Form):
    into = forms.ChoiceField(label="Con", choices=[("", "—"), ("1", "Timbrado")])


def _rows(*names: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"href": "#", "name": n, "tone": t, "into": into, "tickets_href": "#"} for n, t, into in names]


def tags() -> dict[str, Any]:
    return samples.console(
        "Etiquetas · IMX-4821", t=T, tags=TAGS, suggested=["Nómina"], typed="", error="", manage_href="#"
    )


def vocabulary() -> dict[str, Any]:
    return samples.console(
        "Etiquetas",
        desk={"name": "InvoiceMX", "slug": "invoice-mx"},
        desks=[],
        active=_rows(("Cancelación", "warn", ""), ("Nómina", "ok", ""), ("Timbrado", "brand", "")),
        resting=_rows(("Timbre", "mute", "Timbrado"), ("Windows XP", "mute", "")),
        form=TagForm(initial={"tone": "mute"}),
    )


def tag() -> dict[str, Any]:
    one = _rows(("Timbrado", "brand", ""))[0]
    form = TagForm(initial={"name": "Timbrado", "tone": "brand", "is_active": True})
    return samples.console("Timbrado", tag=one, form=form, merge=Merge(), back_href="#")


PAGES: Final[Mapping[str, tuple[str, Callable[[], dict[str, Any]]]]] = {
    "ticket-tags": ("tickets/tags.html", tags),
    "tags": ("desks/tags.html", vocabulary),
    "tag": ("desks/tag.html", tag),
}
