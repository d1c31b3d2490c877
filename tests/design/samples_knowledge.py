"""Pages of articles with an illustrative context."""

# ruff: noqa: E501 — sentences as people read them
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms

from knowledge import rendering
from tests.design import samples
from tests.design.samples_agenda import T

TEXT: Final = """## Qué pasa

El SAT rechaza el CFDI con `CFDI40147`: el código postal del receptor no es el de su **constancia de situación fiscal**.

## Cómo se resuelve

1. Pida al cliente su constancia de este mes.
2. En *Clientes*, escriba el código postal de la constancia.
3. Timbre otra vez.

> La sucursal no cuenta: va el domicilio fiscal.

Más en [el portal del SAT](https://www.sat.gob.mx/).
"""
ARTICLE: Final = {
    "href": "#", "title": "CFDI40147: el domicilio fiscal del receptor no coincide", "sub": "InvoiceMX Nube 7.2 · InvoiceMX", "state": "Publicado", "tone": "ok",
    "audience": "Público", "is_public": True, "pending": True, "owner": "Karla Jiménez", "changed": "ayer 18:02", "helped": "12 de 14",
    "html": rendering.html(TEXT),
}  # fmt: skip
DRAFT: Final = {
    **ARTICLE, "title": "CSD vencido: qué decir y qué no", "sub": "Todos los productos · InvoiceMX", "state": "Borrador", "tone": "warn", "audience": "Interno",
    "is_public": False, "pending": False, "helped": "",
}  # fmt: skip


class Write(forms.Form):
    title = forms.CharField(label="Título", initial=ARTICLE["title"])
    body = forms.CharField(label="Texto", initial=TEXT, widget=forms.Textarea(attrs={"rows": 18}))
    audience = forms.ChoiceField(
        label="Quién lo lee",
        choices=[("public", "Público: lo leen los clientes"), ("internal", "Interno: solo la gente de la mesa")],
        widget=forms.RadioSelect,
        initial="public",
    )
    product = forms.ChoiceField(label="Producto", choices=[("", "Todos los productos"), ("1", "InvoiceMX Nube")])
    product_versions = forms.CharField(label="Versiones", required=False)
    codes = forms.CharField(label="Más códigos", required=False)
    note = forms.CharField(label="Qué cambió", required=False)
    base = forms.IntegerField(widget=forms.HiddenInput, initial=2)


def _version(n: int, **fields: Any) -> dict[str, Any]:
    return {
        "handed": "", "number": n, "href": "#", "who": "Karla Jiménez", "when": f"mar {n} nov, 10:12", "note": "Con los pasos de la versión 7.2" if n == 2 else "",
        "current": n == 2, "is_published": n == 2, "is_newest": n == 3, "compare_href": "#" if n < 3 else "", **fields,
    }  # fmt: skip


def listed(rows: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    products = [{"value": "1", "text": "InvoiceMX Nube", "selected": False}]
    return samples.console(
        "Conocimiento", rows=[ARTICLE, DRAFT] if rows is None else rows, typed="", code="", products=products, states=[], is_narrowed=False,
        new_href="#", previous_href="", next_href="#", **fields,
    )  # fmt: skip


def one() -> dict[str, Any]:
    facts = [
        {"label": label, "text": text}
        for label, text in (("Producto", "InvoiceMX Nube 7.2"), ("Códigos", "CFDI40147"), ("Sirvió", "12 de 14"))
    ]
    return samples.console(
        ARTICLE["title"], article=ARTICLE, shown=_version(2), facts=facts, newest=3,
        versions=[_version(3), {"handed": "Karla Jiménez es responsable en lugar de Bruno Ortega", "who": "Elena Robles", "when": "lun 2 nov, 9:40"}, _version(2), _version(1)],
        owners=[{"value": 1, "text": "Bruno Ortega", "selected": False}, {"value": 2, "text": "Karla Jiménez", "selected": True}], owner_href="#",
        personal="1 × RFC, 2 × teléfono", tickets=[{"number": "IMX-4821", "href": "#", "subject": "No timbra: error CFDI40147"}],
        public_href="#", edit_href="#", publish_href="#", withdraw_href="#", restore_href="#", waits=False,
    )  # fmt: skip


def edited() -> dict[str, Any]:
    replaced = [
        {"kind": "RFC", "text": "FNO180312KX1", "word": "[RFC]"},
        {"kind": "nombre", "text": "Rosa Medina", "word": "[nombre]"},
    ]
    return samples.console(
        "Editar: CFDI40147", form=Write(), desk={"name": "InvoiceMX", "slug": "invoice-mx"}, desks=[], for_vendor=True, back_href="#",
        back_text=ARTICLE["title"], ticket={"number": "IMX-4821", "href": "#"}, replaced=replaced, draft_key="conocimiento/5",
    )  # fmt: skip


def compared() -> dict[str, Any]:
    lines = [
        {"kind": "same", "text": "## Cómo se resuelve", "said": ""},
        {"kind": "removed", "text": "1. Llame al cliente.", "said": "Quitado:"},
        {"kind": "added", "text": "1. Pida al cliente su constancia de este mes.", "said": "Agregado:"},
    ]
    return samples.console(
        "Versiones 1 y 3",
        article={"href": "#", "title": ARTICLE["title"]},
        old=_version(1),
        new=_version(3),
        lines=lines,
    )


INSERTS: Final = [
    {"href": "#", "insert": "x", "text": "Insertar la liga"},
    {"href": "#", "insert": "x", "text": "Insertar el texto"},
]


def for_ticket() -> dict[str, Any]:
    offers = [
        {
            "pk": n, "title": title, "href": "#", "excerpt": rendering.excerpt(TEXT), "is_public": n == 1, "inserts": INSERTS if n == 1 else [],
        }
        for n, title in ((1, ARTICLE["title"]), (2, DRAFT["title"]))
    ]  # fmt: skip
    return samples.console(
        "Artículos para este caso · IMX-4821", t=T, own={"href": "#", "title": ARTICLE["title"]}, offers=offers, may_insert=True, make_href="#",
        back_href="#", search_href="#",
    )  # fmt: skip


def shelf(typed: str = "", **fields: Any) -> dict[str, Any]:
    rows = [
        {"href": "#", "title": ARTICLE["title"], "about": "InvoiceMX Nube", "excerpt": rendering.excerpt(TEXT)},
        {"href": "#", "title": "Cancelar con aceptación: qué esperar", "about": "", "excerpt": rendering.excerpt(TEXT)},
    ]
    page = {"typed": typed, "rows": rows, "report_href": "#", "previous_href": "", "next_href": ""}
    return samples.portal("Ayuda", **{**page, **fields})


def read(thanks: str = "") -> dict[str, Any]:
    shown = {
        **ARTICLE,
        "about": "InvoiceMX Nube",
        "versions": "versiones 7.2",
        "updated": "Actualizado el martes 17 de noviembre",
    }
    return samples.portal("Ayuda", article=shown, thanks=thanks, vote_href="#", shelf_href="#", report_href="#")


OFFERS: Final = {
    "offers": [
        {"pk": 1, "title": ARTICLE["title"], "href": "#", "html": rendering.html(TEXT)},
        {
            "pk": 2,
            "title": "Qué es la constancia de situación fiscal y dónde se baja",
            "href": "#",
            "html": rendering.html(TEXT),
        },
    ],
    "solved": None,
}


def reporting(**fields: Any) -> dict[str, Any]:
    return {**samples.report(), "help": OFFERS, "help_href": "/ayuda/", **fields}


PAGES: Final[Mapping[str, tuple[str, Callable[[], dict[str, Any]]]]] = {
    "knowledge": ("knowledge/list.html", listed),
    "article": ("knowledge/article.html", one),
    "article-edit": ("knowledge/edit.html", edited),
    "help": ("portal/help.html", shelf),
    "help-article": ("portal/help_article.html", read),
    "report-offers": ("portal/report.html", reporting),
    "ticket-articles": ("tickets/articles.html", for_ticket),
    "article-compare": ("knowledge/compare.html", compared),
}
