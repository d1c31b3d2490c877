"""The pages of outages with what they could say."""

# ruff: noqa: E501 — sentences as people read them
from __future__ import annotations

from typing import Any

from django import forms

OUTAGE = {
    "href": "#", "title": "El SAT no responde al timbrado", "desk": "InvoiceMX", "is_active": True, "since": "hoy 09:40", "until": "",
    "took": "1 h 2 min", "reports": "14 reportes sumados", "n_open": 14, "parent": {"number": "IMX-4821", "href": "#"}, "assignee": "Karla Jiménez",
}  # fmt: skip
NOTICE = {
    "title": "El SAT no responde al timbrado", "since": "Desde hoy 09:40. Ya lo estamos atendiendo.",
    "text": "Las facturas quedan en espera y no se pierden. Informamos otra vez a las 12:00.",
    "contingency": "Puede facturar en contingencia y timbrar dentro de 72 horas.",
}  # fmt: skip


class Declare(forms.Form):
    title = forms.CharField(label="Qué está caído")
    text = forms.CharField(label="Qué leen los clientes", widget=forms.Textarea(attrs={"rows": 4}))
    contingency = forms.CharField(label="Qué pueden hacer mientras tanto", widget=forms.Textarea(attrs={"rows": 3}))
    products = forms.MultipleChoiceField(
        label="Productos",
        widget=forms.CheckboxSelectMultiple,
        choices=[("e", "InvoiceMX Escritorio"), ("n", "InvoiceMX Nube")],
    )
    day = forms.DateField(label="Desde")
    hour = forms.CharField(label="Hora")


class End(forms.Form):
    text = forms.CharField(label="Qué se le dice a cada cliente", widget=forms.Textarea(attrs={"rows": 4}))
    resolve = forms.BooleanField(label="Resolver el caso y todos los reportes con estas palabras", initial=True)


def listed(frame: Any) -> dict[str, Any]:
    ended = {
        **OUTAGE,
        "title": "El PAC rechaza Carta Porte 3.1",
        "is_active": False,
        "until": "vie 13, 13:05",
        "since": "vie 13, 11:20",
        "reports": "4 reportes sumados",
    }
    page: dict[str, Any] = frame(
        "Caídas", "Escalamientos", active=[OUTAGE], ended=[ended], declare_href="#", previous_href="", next_href=""
    )
    return page


def new(frame: Any) -> dict[str, Any]:
    page: dict[str, Any] = frame(
        "Declarar una caída", "Escalamientos", form=Declare(), ticket={"number": "IMX-4821", "subject": "No timbra"},
        desk={"slug": "invoice-mx", "name": "InvoiceMX"}, desks=[],
    )  # fmt: skip
    return page


def one(frame: Any) -> dict[str, Any]:
    reports = [
        {
            "number": f"IMX-48{n}", "href": "#", "subject": "No puedo timbrar desde la mañana", "client": client, "status": "assigned",
            "status_text": "Asignado", "opened": "hoy 09:52", "leave_href": "#",
        }
        for n, client in ((22, "Muebles Santa Clara"), (24, "Transportes Lerma Express"))
    ]  # fmt: skip
    full = {
        **OUTAGE,
        "text": NOTICE["text"],
        "contingency": NOTICE["contingency"],
        "products": "todos los productos",
        "declared": "declarada hoy 09:46 por Elena Robles",
        "ended": "",
    }
    page: dict[str, Any] = frame(
        full["title"],
        "Escalamientos",
        outage=full,
        reports=reports,
        form=End(),
        end_href="#",
        previous_href="",
        next_href="",
    )
    return page
