"""The RFC: refused for its shape, flagged for its check digit (the tax office issued some that do not match)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from stdnum.mx import rfc as stdnum_rfc

from core.errors import Invalid

GENERIC: Final = frozenset({"XAXX010101000", "XEXX010101000"})
_SEPARATORS: Final = re.compile(r"[\s.\-_/·–—]+")
_WHOLE: Final = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z\d]{3}", re.ASCII)
_PARTS: Final = re.compile(r"([A-ZÑ&]*)([0-9]*)([A-Z0-9Ñ&]*)")
_FOREIGN: Final = re.compile(r"[^A-ZÑ&0-9]")
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class RfcCheck:
    """A well-formed RFC in capitals. `flag`: "" or why a person should look: "check_digit", "generic"."""

    rfc: str
    flag: str

    @property
    def is_person(self) -> bool:
        """Thirteen characters name a natural person: personal data."""
        return len(self.rfc) == 13


def normalise(text: str) -> str:
    """Return the RFC in capitals without what people put between its parts."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFC", text)).upper()


def check(text: str, *, field: str = "client_rfc") -> RfcCheck:
    """Judge an RFC as typed. Raises Invalid on `field` that says what is wrong with its shape."""
    rfc = normalise(text)
    problem = _problem(rfc)
    if problem:
        raise Invalid.field(field, "rfc_shape", problem)
    if rfc in GENERIC:
        return RfcCheck(rfc, "generic")
    return RfcCheck(rfc, "" if stdnum_rfc.calc_check_digit(rfc[:-1]) == rfc[-1] else "check_digit")


def _problem(rfc: str) -> str:
    """Return the sentence that says what is wrong, empty when nothing is."""
    if not rfc:
        return _("Write the RFC.")
    shown = rfc[:_SHOWN] + ("…" if len(rfc) > _SHOWN else "")
    foreign = _FOREIGN.search(rfc)
    if foreign:
        return _foreign_character(shown, foreign.group())
    parts = _PARTS.fullmatch(rfc)
    if parts is None:
        return _wrong_order(shown)
    letters, digits, rest = parts.groups()
    return _letters(shown, letters) or _date(shown, digits) or _ending(shown, digits[6:] + rest)


def _foreign_character(shown: str, character: str) -> str:
    if not character.isprintable():
        return _("The RFC has a character that cannot be read.")
    return _("%(rfc)s has a character that no RFC has: %(character)s") % {"rfc": shown, "character": character}


def _wrong_order(shown: str) -> str:
    return _("%(rfc)s is not in the order of an RFC: 3 or 4 letters, 6 digits of a date, 3 characters.") % {
        "rfc": shown
    }


def _letters(shown: str, letters: str) -> str:
    if len(letters) < 3:
        return _("%(rfc)s lacks letters at the beginning: a company has 3, a person 4.") % {"rfc": shown}
    if len(letters) > 4:
        return _("%(rfc)s has too many letters at the beginning: a company has 3, a person 4.") % {"rfc": shown}
    return ""


def _date(shown: str, digits: str) -> str:
    missing = 6 - len(digits)
    if missing > 0:
        return ngettext(
            "%(rfc)s lacks one digit in its date.", "%(rfc)s lacks %(count)d digits in its date.", missing
        ) % {"rfc": shown, "count": missing}
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return _("%(rfc)s has no date at its centre: %(date)s is not year, month and day.") % {
            "rfc": shown,
            "date": digits[:6],
        }
    return ""


def _ending(shown: str, ending: str) -> str:
    missing = 3 - len(ending)
    if missing > 0:
        return ngettext(
            "%(rfc)s lacks its last character.", "%(rfc)s lacks its last %(count)d characters.", missing
        ) % {"rfc": shown, "count": missing}
    if missing < 0:
        return ngettext(
            "%(rfc)s has one character too many at the end.",
            "%(rfc)s has %(count)d characters too many at the end.",
            -missing,
        ) % {"rfc": shown, "count": -missing}
    if not _WHOLE.fullmatch("AAA000101" + ending):
        return _("%(rfc)s ends in a character that no RFC ends in.") % {"rfc": shown}
    return ""
