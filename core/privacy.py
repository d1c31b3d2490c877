"""What must not stand where many people look: subjects, what is spoken, push. Pure."""

from __future__ import annotations

import re
from typing import Final

# Thirteen characters name a natural person: personal data (architecture, section 6, rule 9).
_PERSON: Final = re.compile(r"(?<![A-ZÑ&0-9])[A-ZÑ&]{4}[ -]?\d{6}[ -]?[A-Z0-9]{3}(?![A-Z0-9])", re.IGNORECASE)

# Who holds one of these addresses acts by it: signed links, one-time pages, calendars of one's own.
LINK: Final = re.compile(
    r"(/t/|/tercero/|/o/|/datos/|/avisos/prueba/|/timbres/avisos/|/guardias/ics/|/agenda/citas/|/entrar/contrasena/)"
    r"[^/\s?\"'<]+"
)


def without_links(text: str) -> str:
    """The text with what opens something cut from its addresses."""
    return LINK.sub(r"\1…", text)


def without_rfc(text: str) -> str:
    """The text with the RFC of every natural person blotted out; those of companies stay."""
    return _PERSON.sub("RFC…", text)
