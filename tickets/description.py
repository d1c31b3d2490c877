"""Whether a description can be worked with: one rule for form, API, call and chat. Pure.

"Con frases como estas nos es imposible ayudarte: Ayuda, Error, Tengo un problema" (Facturando
guide, "Recomendaciones"); "reúna la mayor cantidad de información posible: mensajes,
comportamiento específico, pasos dados" (InvoiceMX manual, "Antes de llamar a Soporte").
The rule teaches twice, then lets through with a flag, and never holds an outage.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LESSONS: Final = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say that there is a problem, not which one; with courtesies and fillers around them.
_EMPTY_WORDS: Final = _words(
    """
    a al algo alguien alo amable aparece apoyar apoyarme apoyenme apoyo atencion auxilio ayuda ayudame
    ayudar ayudarme ayudenme buen buena buenas bueno buenos como con cual de del desde dia dias disculpe
    disculpen duda dudas el ella en equipo error errores es esta este esto estoy factura facturacion
    facturas falla fallando fallas favor funciona funcionan gracias ha hay hola incidencia incidente
    ingeniera ingeniero la las le les lo los mal manda marca me mi mis muchas muy nececito necesitamos
    necesito no noche noches nos nuevamente o otra otro para pasa pasando pero podria podrian por porfa
    porfavor presenta presento problema problemas problemita programa puede pueden puedo que quiero reportar
    reporte requiero sale saludos se ser si sigue sistema solicito solo son soporte su sus tal tarde tardes
    tenemos tengo ticket todo tu tuve un una unos urge urgente urgentisimo usted ustedes ver y ya yo
    """
)
_MIN_TELLING_WORDS: Final = 3
_CODE: Final = re.compile(r"\b(?:cfdi\s?\d{5}|crp\s?\d{5}|[a-z]{2,5}[- ]?\d{3,6}|\d{3,})\b")
_QUOTED: Final = re.compile(r"[«“\"'].{6,}[»”\"']", re.DOTALL)
_WORD: Final = re.compile(r"[a-zñ0-9&]+")


def missing(text: str) -> list[str]:
    """Codes of what a vague text lacks: `what_you_did`, `exact_message`; empty when it will do.

    A text will do when it names an error code, quotes a message, or has at least three
    different words that say something.
    """
    plain = _plain(text)
    if _CODE.search(plain) or _QUOTED.search(text):
        return [] if _telling(plain) else ["what_you_did"]
    if len(_telling(plain)) >= _MIN_TELLING_WORDS:
        return []
    return ["what_you_did", "exact_message"]


def is_held(text: str, *, request_type: str, lessons: int) -> bool:
    """Whether the text is sent back to its writer: vague, no outage, and not yet taught twice."""
    return bool(missing(text)) and request_type != "system_down" and lessons < LESSONS


def _telling(plain: str) -> set[str]:
    return {word for word in _WORD.findall(plain) if len(word) > 1 and word not in _EMPTY_WORDS}


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("ñ", "\0"))
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return kept.replace("\0", "ñ")
