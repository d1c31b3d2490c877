"""What answering is made of, with an illustrative context: canned answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms

from tests.design import samples
from tickets import canned

Context = dict[str, Any]
DESK: Final = {"name": "InvoiceMX", "slug": "invoice-mx"}
FILLED: Final[Context] = {
    "pieces": [
        {"kind": "filled", "text": "Buenos días"},
        {"kind": "text", "text": ", "},
        {"kind": "filled", "text": "Rosa"},
        {"kind": "text", "text": ":\n\nEl certificado de sello digital (CSD) con el que timbra "},
        {"kind": "filled", "text": "Ferretería La Norteña"},
        {"kind": "text", "text": " venció el "},
        {"kind": "gap", "text": "[[fecha de vencimiento]]"},
        {"kind": "text", "text": "; por eso el SAT rechaza las facturas.\n\nKarla"},
    ],
    "gaps": ["fecha de vencimiento"],
}


class Answer(forms.Form):
    whose = forms.ChoiceField(label="De quién es", choices=[("desk", "De la mesa: la usan todos"), ("own", "Mía")])
    title = forms.CharField(label="Título", initial="CSD vencido o por vencer")
    shortcut = forms.CharField(
        label="Atajo", initial="csd-vencido", help_text="Se escribe tras una diagonal al responder."
    )
    product = forms.ChoiceField(label="Producto", required=False, choices=[("", "Cualquier producto")])
    body = forms.CharField(
        label="Texto de la respuesta", initial="El certificado venció.", widget=forms.Textarea(attrs={"rows": 14})
    )
    files = forms.FileField(label="Archivos", required=False)  # type: ignore[assignment]  # the name that templates use
    dropped = forms.MultipleChoiceField(
        required=False, choices=[("1", "guia-certisat.pdf")], widget=forms.CheckboxSelectMultiple
    )
    ticket = forms.CharField(label="Ticket para probarla", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def _row(title: str, shortcut: str, used: int, **more: Any) -> Context:
    return {
        "title": title, "shortcut": shortcut, "used": used, "product": "", "files": 0, "own": False, "active": True,
        "excerpt": "El certificado de sello digital (CSD) con el que timbra venció; por eso el SAT rechaza…",
        "href": "#", "state_href": "#", **more,
    }  # fmt: skip


def canned_answers() -> Context:
    return samples.console(
        "Plantillas",
        desk=DESK,
        desks=[],
        groups=[
            {
                "id": "mesa",
                "title": "De la mesa",
                "rows": [
                    _row("CSD vencido o por vencer", "csd-vencido", 42, files=1),
                    _row("Descarga de XML del SAT", "descarga-xml", 17, product="InvoiceMX Escritorio"),
                    _row("Cancelación y motivos", "cancelacion", 1, href="", state_href=""),
                ],
            },
            {"id": "mias", "title": "Mías", "rows": []},
        ],
        away=[_row("Cambio a CFDI 4.0", "cfdi40", 8, active=False)],
        new_href="#",
    )


def canned_answer() -> Context:
    form = Answer()
    return samples.console(
        "CSD vencido o por vencer",
        desk=DESK,
        form=form,
        files=[{"box": box} for box in form["dropped"]],
        places=[{"name": name, "example": text} for name, text in canned.PLACES.items()],
        preview={**FILLED, "with": "IMX-4821", "no_such": "", "unknown": ""},
        quiet=False, is_new=False, whose="De la mesa", theirs_href="", back_href="#",
    )  # fmt: skip


BESIDE: Final[Context] = {
    "put_in": False, "insert_href": "#", "upload_href": "#",
    "uploads": [{"id": 7, "name": "guia-certisat.pdf", "size": "212 KB", "secret": False, "remove_href": "#"}],
}  # fmt: skip
T: Final = {"number": "IMX-4821", "subject": "No timbra: error CFDI40147", "href": "#"}


def inserts() -> Context:
    choice = {"key": "plantilla-1", "title": "CSD vencido", "hint": "/csd-vencido", "own": True, "href": "#"}
    choices = [{**choice, "excerpt": "El certificado de sello digital (CSD) venció; por eso el SAT rechaza…"}]
    return samples.console("Plantillas", t=T, q="csd", choices=choices, written="", manage_href="#")


def insert() -> Context:
    return samples.console("CSD vencido", t=T, preview=FILLED, files=["guia-certisat.pdf"], href="#", back_href="#")


PAGES: Final[Mapping[str, tuple[str, Callable[[], Context]]]] = {
    "canned-answers": ("tickets/canned_answers.html", canned_answers),
    "canned-answer": ("tickets/canned_answer.html", canned_answer),
    "inserts": ("tickets/inserts.html", inserts),
    "insert": ("tickets/insert.html", insert),
}
