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


class MacroFields(forms.Form):
    whose = forms.ChoiceField(label="De quién es", choices=[("desk", "De la mesa: la usan todos"), ("own", "Mía")])
    name = forms.CharField(label="Nombre", initial="Pedir constancia y esperar")
    digit = forms.ChoiceField(label="Tecla después de M", choices=[("1", "1")])
    takes = forms.BooleanField(label="Tomar el ticket", required=False)
    request_type = forms.ChoiceField(label="Reclasificar como", required=False, choices=[("", "Como está")])
    affects_operation = forms.ChoiceField(label="¿Afecta la operación?", required=False, choices=[("", "—")])
    tags = forms.CharField(label="Etiquetas que agrega", required=False, help_text="Separadas por comas.")
    note = forms.CharField(label="Nota interna", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    answer = forms.ChoiceField(label="Plantilla", required=False, choices=[("1", "CSD vencido o por vencer")])
    after = forms.ChoiceField(label="Qué se hace con ella", required=False, choices=[("wait", "Se envía y esperamos")])
    assignee = forms.ChoiceField(label="Pasarlo a", required=False, choices=[("", "Nadie")])
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RunFields(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, initial=7)
    text = forms.CharField(
        label="Lo que lee el cliente",
        initial="Buenos días, Rosa:\n\nMándenos por favor su Constancia de Situación Fiscal.",
        widget=forms.Textarea(attrs={"rows": 10}),
    )


STEPS: Final = [
    "Usted toma el ticket.",
    "Se envía «Pedir constancia» y esperamos al cliente: los relojes descansan.",
]


def _macro_row(name: str, digit: int | str, **more: Any) -> Context:
    row = {"name": name, "digit": digit, "own": False, "active": True, "steps": STEPS, "href": "#", "state_href": "#"}
    return {**row, **more}


def macros() -> Context:
    rows = [_macro_row("Pedir constancia y esperar", 1), _macro_row("Pasar a timbres", "")]
    groups = [{"id": "mesa", "title": "De la mesa", "rows": rows}, {"id": "mias", "title": "Mías", "rows": []}]
    away = [_macro_row("Cambio a 4.0", "", active=False)]
    return samples.console("Macros", desk=DESK, desks=[], groups=groups, away=away, new_href="#")


def macro() -> Context:
    return samples.console(
        "Pedir constancia y esperar", desk=DESK, form=MacroFields(), is_new=False, whose="De la mesa", theirs_href="",
        back_href="#",
    )  # fmt: skip


def ticket_macros() -> Context:
    rows = [_macro_row("Pedir constancia y esperar", 1), _macro_row("Resolver con guía", 2, own=True)]
    return samples.console("Macros · IMX-4821", t=T, rows=rows, manage_href="#")


def ticket_macro() -> Context:
    steps = [{"icon": "check", "text": STEPS[0]}, {"icon": "pause", "text": STEPS[1]}]
    return samples.console(
        "Pedir constancia", t=T, name="Pedir constancia y esperar", steps=steps, note="", gaps=[], form=RunFields(),
        back_href="#",
    )  # fmt: skip


def on_paper() -> Context:
    facts = [("Estado", "En proceso"), ("Empresa", "Ferretería La Norteña"), ("Contacto", "Rosa Medina"),
             ("Reportado", "martes 17 de noviembre de 2026, 09:14")]  # fmt: skip
    said = {
        "event": "", "name": "Rosa Medina", "role": "cliente", "is_note": False,
        "at": "martes 17 de noviembre de 2026, 09:14", "body": "Desde hoy a las 08:50 ninguna factura timbra.",
        "files": ["factura_A-10284.xml (14 KB)"],
    }  # fmt: skip
    note = {**said, "name": "Bruno Ortega", "role": "Nota interna", "is_note": True, "files": [], "body": "Van tres."}
    taken = {"event": "Karla Jiménez lo atiende", "at": "martes 17 de noviembre de 2026, 09:21"}
    return {
        "page_title": "IMX-4821", "t": T, "desk": "InvoiceMX", "public": False, "other_href": "#",
        "facts": [{"label": label, "text": text} for label, text in facts],
        "clocks": [{"name": "Solución", "text": "objetivo 4 h; vence el martes 17 de noviembre de 2026, 13:14"}],
        "thread": [said, taken, note], "printed": "impreso el martes 17 de noviembre de 2026, 10:42",
    }  # fmt: skip


PAGES: Final[Mapping[str, tuple[str, Callable[[], Context]]]] = {
    "canned-answers": ("tickets/canned_answers.html", canned_answers),
    "canned-answer": ("tickets/canned_answer.html", canned_answer),
    "inserts": ("tickets/inserts.html", inserts),
    "insert": ("tickets/insert.html", insert),
    "macros": ("tickets/macros.html", macros),
    "macro": ("tickets/macro.html", macro),
    "ticket-macros": ("tickets/ticket_macros.html", ticket_macros),
    "ticket-macro": ("tickets/ticket_macro.html", ticket_macro),
    "on-paper": ("tickets/print.html", on_paper),
}
