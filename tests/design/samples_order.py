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


PRESETS: Final = [
    {"value": "manana", "text": "Siguiente día hábil", "when": "mañana 09:00"},
    {"value": "dos", "text": "En 2 días hábiles", "when": "jue 19 nov, 09:00"},
    {"value": "semana", "text": "En 5 días hábiles", "when": "mar 24 nov, 09:00"},
]
SUMMARY: Final = {"href": "#", "steps": "2/4", "minutes": "1 h 20 min"}


def order() -> dict[str, Any]:
    steps = ["Pedir la e.firma vigente", "Generar la solicitud con Certifica", "Subirla a CertiSAT", "Cargar el CSD"]
    link = {"pk": 1, "what": "lo causa", "number": "IMX-4790", "href": "#", "text": "El PAC no responde · en proceso"}
    entry = {"pk": 1, "minutes": 80, "lasted": "1 h 20 min", "who": "Karla Jiménez", "day": "mar 17 nov"}
    return samples.console(
        "Orden · IMX-4821",
        t=T,
        href="/tickets/IMX-4821/orden/",
        key="6f3a0c1e-7a44-4f6e-9c0f-5b1d2e8a9b10",
        fault={"part": "ligas", "text": "No hay un ticket IMX-9 que usted atienda.", "typed": {"number": "IMX-9"}},
        steps=[
            {"pk": n, "text": t, "done": n < 2, "by": "Karla, hoy 10:20" if n < 2 else ""} for n, t in enumerate(steps)
        ],
        n_done=2,
        n_steps=4,
        templates=[("csd", "Renovación de CSD"), ("instalacion", "Instalación")],
        links=[link, {**link, "pk": 2, "number": "FAC-12", "href": "", "text": "", "what": "se relaciona con"}],
        kinds=[("related", "se relaciona con"), ("duplicate", "es lo mismo que"), ("caused_by", "lo causa")],
        splits=[{"number": "IMX-4830", "href": "#", "subject": "No abre el reporte de nómina"}],
        entries=[{**entry, "day_iso": "2026-11-17", "note": "Revisé los XML con el PAC", "mine": True}],
        noted="1 h 20 min",
        attended="45 min",
        today="2026-11-17",
        watchers=[
            {"pk": 1, "name": "Elena Robles", "by": "a petición de Karla Jiménez", "mine": False, "may_remove": True}
        ],
        follows=False,
        colleagues=[(2, "Bruno Ortega")],
        reminders=[
            {
                "pk": 1,
                "note": "Ver si ya timbran",
                "when": "hoy 10:30",
                "late": True,
                "done_href": "#",
                "snooze_href": "#",
            }
        ],
        presets=PRESETS,
    )


def reminders() -> dict[str, Any]:
    row = {
        "number": "IMX-4821",
        "href": "#",
        "subject": "No timbra: error CFDI40147",
        "client": "Ferretería La Norteña",
    }
    more = {"status": "in_progress", "assignee": "Karla Jiménez", "note": "Ver si ya timbran", "presets": PRESETS}
    links = {"done_href": "#", "snooze_href": "#"}
    return samples.console(
        "Seguimientos",
        rows=[
            {"pk": 1, "when": "hoy 10:30", "late": True, **row, **more, **links},
            {"pk": 2, "when": "mañana 09:00", "late": False, **row, **more, **links, "note": ""},
        ],
        fault={"pk": 2, "text": "Esa hora ya pasó."},
        previous_href="",
        next_href="#",
    )


class Split(forms.Form):
    subject = forms.CharField(label="Asunto del ticket nuevo")
    request_type = forms.ChoiceField(label="¿Qué es?", choices=[("q", "Duda operativa")])
    affects_operation = forms.BooleanField(label="Afecta la operación", required=False)


def split() -> dict[str, Any]:
    text = "Además no abre el reporte de nómina: sale CFDI40138 y pide la carpeta de respaldos."
    rows = [
        {"pk": 1, "name": "Rosa Medina", "note": False, "at": "hoy 09:40", "text": text, "chosen": True},
        {
            "pk": 2,
            "name": "Karla Jiménez",
            "note": True,
            "at": "hoy 09:52",
            "text": "Es de otra empresa.",
            "chosen": False,
        },
    ]
    return samples.console("Separar · IMX-4821", t=T, form=Split(), rows=rows)


PAGES: Final[Mapping[str, tuple[str, Callable[[], dict[str, Any]]]]] = {
    "ticket-order": ("tickets/order.html", order),
    "reminders": ("tickets/reminders.html", reminders),
    "reminders-empty": ("tickets/reminders.html", lambda: {**reminders(), "rows": []}),
    "ticket-split": ("tickets/split.html", split),
    "ticket-tags": ("tickets/tags.html", tags),
    "tags": ("desks/tags.html", vocabulary),
    "tag": ("desks/tag.html", tag),
}
