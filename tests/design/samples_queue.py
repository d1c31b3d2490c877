"""Pages around the queue with rows to look at, without a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

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
