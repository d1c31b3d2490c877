"""Codes and fiscal documents of a ticket with an illustrative context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.design import samples
from tests.design.samples_agenda import T

CARD: Final[dict[str, Any]] = {
    "title": "Datos del CFDI",
    "reserved": "",
    "note": "",
    "documents": [
        {
            "title": "CFDI 4.0 · Ingreso",
            "tone": "warn",
            "state": "Sin timbrar",
            "rows": [
                {"label": "Emisor", "text": "FERRETERIA LA NORTEÑA · FNO180312KX1", "mono": False},
                {"label": "Receptor", "text": "MUEBLES SANTA CLARA · MSC120215JH5", "mono": False},
                {"label": "Total", "text": "$1,160.00 MXN", "mono": False},
                {"label": "Certificado", "text": "30001000000500003416", "mono": True},
            ],
        }
    ],
}

SEALS: Final[dict[str, Any]] = {
    "text": "Lo que conocemos por los certificados (.cer) que nos han enviado.",
    "rows": [
        {
            "name": "certificado de sello digital",
            "company": "",
            "rfc": "FNO180312KX1",
            "number": "30001000000500003416",
            "until": "Vence el 12 dic 2026, 12:30",
            "tone": "warn",
            "left": "faltan 25 días",
        }
    ],
    "href": "#",
    "wishes": [{"client": 7, "company": "", "wanted": True}],
}


def codes() -> dict[str, Any]:
    rows = [
        {
            "text": "CFDI40147",
            "is_folio": False,
            "others": "Otros 4 con el mismo código esta semana",
            "href": "#",
        },
        {"text": "6128396F-C09B-4EC6-8699-43C5F7E3B230", "is_folio": True, "others": "", "href": "#"},
    ]
    return samples.console("Códigos y CFDI · IMX-4821", t=T, codes=rows, seals=SEALS["rows"])


PAGES: Final[Mapping[str, tuple[str, Callable[[], dict[str, Any]]]]] = {"ticket-cfdi": ("tickets/cfdi.html", codes)}
