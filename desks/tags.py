"""What a tag may be called, and how a name becomes the word that tickets keep. Pure.

A tag is known by its slug: the name in small letters, without accents, with hyphens between words. So `Timbrado`,
`timbrado` and `TIMBRADO` are one tag, however each person writes it; the name that is shown may be changed, the slug
stays for ever.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_NAME: Final = 30
# A vocabulary that nobody can read through is none.
MAX_PER_DESK: Final = 200
MAX_PER_TICKET: Final = 10

_PIECE: Final = re.compile(r"[^\W_]+")


def tidy(name: str) -> str:
    """The name as it is shown: without a leading `#`, one blank between words."""
    return " ".join(name.replace("\x00", " ").split()).lstrip("#").strip()


def slug_of(name: str) -> str:
    """`Cancelación sin aceptación` -> `cancelacion-sin-aceptacion`; "" for a name without letters or digits."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return "-".join(piece for piece in _PIECE.findall(plain) if piece.isascii())
