"""The words by which an article is found, from what people write. Pure.

An error code is looked for as a code (`clients.cfdi.codes`), the rest as words: those that stand in every report
(*error*, *factura*, *ayuda*) say nothing and are left out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from clients.cfdi.codes import FOLIO, Code, recognised

MAX_TERMS: Final = 12
SHORTEST: Final = 3
LONGEST: Final = 40
_PIECE: Final = re.compile(r"[^\W_]+")
_NOTHING_WORDS: Final = """
    a al algo alguien ante antes aparece aparecen asi aun aunque ayuda bien buen buena buenas bueno buenos cada casi
    caso como con contra cosa cual cuando cuanto da dan de del desde dia dias dice dicen donde dos e el ella ellos en
    entre era es esa ese eso esta estamos estan estar estas este esto estos estoy favor fue gracias ha hace hacer hago
    han hasta hay he hola hoy la las le les lo los mal manda marca mas me mi mis misma mismo momento mucho muy nada
    necesito ni no nos nuestra nuestro nueva nuevo o otra otras otro otros para pero poder podria por porque problema
    problemas puede pueden puedo pues que queremos quien quiero sale salen se sea ser si siempre sigue sin sino sobre
    solo son soy su sus tambien tan tardes tenemos tener tengo ti tiene tienen toda todas todo todos tras tu tus un
    una uno unos urgente usar va van vez y ya yo
    error errores mensaje sistema programa factura facturas cfdi cfdis sat pac codigo codigos version
"""
_NOTHING: Final = frozenset(_NOTHING_WORDS.split())


def fold(text: str) -> str:
    """Small letters without accents; ñ becomes n, as the database's `unaccent` has it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def indexed(text: str) -> str:
    """The text as words with blanks between them, as the index has it."""
    return " ".join(piece for piece in _PIECE.findall(text) if len(piece) <= LONGEST)


def telling(text: str) -> tuple[str, ...]:
    """The words that tell one case from another, each once, in order; at most MAX_TERMS.

    Codes are not among them: they are looked for as codes.
    """
    codes = {fold(code.text) for code in recognised(text)}
    words = _words(text)
    kept = (w for w in words if SHORTEST <= len(w) <= LONGEST and w not in _NOTHING and w not in codes)
    return tuple(dict.fromkeys(w for w in kept if not w.isdigit()))[:MAX_TERMS]


def typed(text: str) -> tuple[str, ...]:
    """The words of a search box, all of which must be there; at most MAX_TERMS."""
    codes = {fold(code.text) for code in recognised(text)}
    words = _words(text)
    return tuple(dict.fromkeys(w for w in words if len(w) <= LONGEST and w not in codes))[:MAX_TERMS]


def _words(text: str) -> list[str]:
    """Its folded words. Folded first: `⑴sello` is `(1)sello` then, and the database would read the brackets."""
    return _PIECE.findall(fold(text))


def codes(text: str) -> tuple[Code, ...]:
    """The error codes in a text; a folio fiscal names a document, not an error."""
    return tuple(code for code in recognised(text) if code.kind != FOLIO)
