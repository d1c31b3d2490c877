"""Pages around the queue with rows to look at, without a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from tickets.presence import Person
from tickets.presenters import presence

Context = dict[str, Any]
Console = Callable[..., Context]


class _View(forms.Form):
    name = forms.CharField(label="Nombre", initial="Críticos del día")
    desk = forms.ChoiceField(label="Quién la ve", choices=[("", "Solo yo"), ("1", "Toda la mesa InvoiceMX")])
    renew = forms.BooleanField(label="Guardar también los filtros de ahora", required=False)


def saved_view(console: Console) -> Context:
    """A saved view that is changed while other filters are on the page."""
    return console(
        "Editar la vista", form=_View(), href="#", back_href="/cola/",
        holds=["Todos los abiertos", "Prioridad: Crítica"],
        holds_now=["Todos los abiertos", "Prioridad: Alta", "Canal: Teléfono"], delete_href="#", shared=True,
    )  # fmt: skip


class _Assign(forms.Form):
    assignee = forms.ChoiceField(label="A quién", choices=[("1", "Bruno Ortega"), ("2", "Karla Jiménez")])
    reason = forms.CharField(label="Por qué", required=False, widget=forms.Textarea(attrs={"rows": 2}))


TICKETS = (("IMX-4828", "Sello digital (CSD) vencido, ¿cómo lo reemplazo?"), ("IMX-4829", "Nómina 1.2: 48 recibos"))


def bulk_ask(console: Console) -> Context:
    """To whom the selected tickets go."""
    return console(
        "Asignar los seleccionados", form=_Assign(), key="5a1d9a52-6c1f-4c58-9a39-2f1d8f0b7c11", back="/cola/",
        action={"verb": "assign", "text": "Asignar a…", "icon": "users", "danger": False, "intro": ""},
        tickets=[{"number": number, "subject": subject} for number, subject in TICKETS],
    )  # fmt: skip


def bulk_result(console: Console) -> Context:
    """One was done, one was refused."""
    faces = (("ok", "ok", "hecho", ""), ("alert", "warn", "sin cambio", "Bruno Ortega acaba de tomar este ticket."))
    rows = [
        {"number": number, "href": "#", "subject": subject, "icon": icon, "tone": tone, "text": text, "why": why}
        for (number, subject), (icon, tone, text, why) in zip(TICKETS, faces, strict=True)
    ]
    return console("Tomar los seleccionados", at="hoy 10:42", rows=rows, undo_href="#", undo_until="10:52", final=False)


PRESENCE = {
    "writers": [
        {"id": 7, "name": "Ana Lozano", "first_name": "Ana", "since": "40 s", "tell": "Avisarle a Ana"},
    ],
    "looking": "Bruno está viendo este ticket.", "nudged": "", "tell_href": "#",
}  # fmt: skip


def on_row() -> SafeString:
    """Somebody looks at the ticket of a row."""
    return presence.on_row([Person(7, "Ana Lozano", writing=False, since=0, seen=0)])
