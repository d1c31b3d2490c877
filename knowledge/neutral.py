"""A client's words made fit for an article: who they are and what is theirs goes, a neutral word stays. Pure.

RFCs, CURPs, folios fiscales, addresses, telephones, account and certificate numbers, private links and secrets are
known by their shape; names come with the ticket (`known`). The tax office's generic RFCs name nobody and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core import passwords

SECRET: Final = "secret"  # noqa: S105 - a kind
RFC: Final = "rfc"
CURP: Final = "curp"
FOLIO: Final = "uuid"
EMAIL: Final = "email"
PHONE: Final = "phone"
NUMBER: Final = "number"
LINK: Final = "link"
PERSON: Final = "person"
COMPANY: Final = "company"
TICKET: Final = "ticket"

# What stands in the place of each kind.
WORDS: Final = {
    SECRET: "[contraseña omitida aquí]",  # begins as the marks of `core.passwords` do, which are no secret
    RFC: "[RFC]",
    CURP: "[CURP]",
    FOLIO: "[folio fiscal]",
    EMAIL: "[correo]",
    PHONE: "[teléfono]",
    NUMBER: "[número]",
    LINK: "[liga]",
    PERSON: "[nombre]",
    COMPANY: "[empresa]",
    TICKET: "[folio]",
}
# A secret is never shown again, not even to say that it is gone.
HIDDEN: Final = "••••"
GENERIC_RFC: Final = frozenset({"XAXX010101000", "XEXX010101000"})

# Links that open something to whoever has them: `/t/<token>/`, `/o/…`, `/datos/…`, `/tercero/…`.
_LINK: Final = re.compile(r"https?://[^\s<>()\"']{1,300}/(?:t|o|datos|tercero)/[^\s<>()\"']{1,900}", re.IGNORECASE)
_EMAIL: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_FOLIO: Final = re.compile(r"(?<![\w-])[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?![\w-])", re.IGNORECASE)
_CURP: Final = re.compile(r"(?<![^\W_])[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d(?![^\W_])", re.IGNORECASE)
_RFC: Final = re.compile(r"(?<![^\W_])[A-ZÑ&]{3,4}[ -]?\d{6}[ -]?[A-Z0-9]{3}(?![^\W_])", re.IGNORECASE)
# Ten digits or more with blanks and hyphens between them, but no date with its hour, no piece of an amount. A letter
# before the sign, as in `Tel.7225550145`, and a slash behind another number begin one too.
_DIGITS: Final = re.compile(
    r"(?:(?<![\w.,$/-])|(?<=[^\W\d_][.,/-])|(?<=\d/))"
    r"(?!\d{4}-\d\d-\d\d\b)(?!\d\d?[/-]\d\d?[/-]\d{2,4}\b)\+?\(?\d(?:[ ().-]{0,2}\d){9,24}(?![\w])"
)
# What the vault left in a conversation, and what is caught here.
_MARK: Final = re.compile(r"\[(?:contraseña|llave privada|archivo [^\]\n]{1,200}) guardad[ao] en la bóveda\]")
_SHAPES: Final = ((SECRET, _MARK), (LINK, _LINK), (EMAIL, _EMAIL), (FOLIO, _FOLIO), (CURP, _CURP), (RFC, _RFC))
_LONGEST_PHONE: Final = 13
_MARKS: Final = str.maketrans("", "", "*`")
# A name of one short word (Paz, Luz) is a word as well: it must be written as the name is.
_PLAIN_NAME: Final = 4


@dataclass(frozen=True, slots=True)
class Known:
    """A name that the ticket knows: `kind` is PERSON, COMPANY, TICKET, EMAIL, RFC or PHONE."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """What stood there, and of which kind it was."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Neutral:
    """The text with neutral words, and what these stand for, each once, in order."""

    text: str
    replaced: tuple[Replaced, ...] = ()


def neutral(text: str, known: Iterable[Known] = ()) -> Neutral:
    """Replace whatever tells whose case it was. Doing it twice changes nothing more."""
    found: dict[Replaced, None] = {}
    text = passwords.masked(text)
    for kind, pattern in _SHAPES:
        text = _put(pattern, kind, text, found)
    for name in _longest_first(known):
        text = _put(_of_name(name), name.kind, text, found)
    text = _DIGITS.sub(lambda match: _number(match, found), text)
    return Neutral(text, tuple(found))


def personal(text: str) -> tuple[Replaced, ...]:
    """What in an article looks like somebody's: what a person reads again before it is published."""
    return neutral(bare(text)).replaced


def bare(text: str) -> str:
    """An article without its marks of bold and code: `su contraseña a **nadie**` holds no password."""
    return text.translate(_MARKS)


def _put(pattern: re.Pattern[str], kind: str, text: str, found: dict[Replaced, None]) -> str:
    def word(match: re.Match[str]) -> str:
        if kind == RFC and re.sub(r"[ -]", "", match.group()).upper() in GENERIC_RFC:
            return match.group()
        found[Replaced(kind, HIDDEN if kind == SECRET else match.group())] = None
        return "[archivo omitido]" if match.group().startswith("[archivo") else WORDS[kind]

    return pattern.sub(word, text)


def _number(match: re.Match[str], found: dict[Replaced, None]) -> str:
    digits = re.sub(r"\D", "", match.group())
    kind = PHONE if len(digits) <= _LONGEST_PHONE else NUMBER
    found[Replaced(kind, match.group())] = None
    return WORDS[kind]


def _longest_first(known: Iterable[Known]) -> Sequence[Known]:
    """`Rosa Medina` before `Rosa`; what is too short to be a name is left out."""
    names = {name for name in known if len(name.text.strip()) > 2}
    return sorted(names, key=lambda name: (-len(name.text), name.text, name.kind))


def _of_name(name: Known) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in name.text.split())
    alone = len(name.text) <= _PLAIN_NAME or (name.kind == PERSON and " " not in name.text.strip())
    return re.compile(rf"(?<!\w){words}(?!\w)", 0 if alone else re.IGNORECASE)
