"""Telephone numbers as people write them, with the prefixes that Mexico no longer dials."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from phonenumber_field.phonenumber import PhoneNumber

from core.errors import Invalid

_DIGITS_HERE: Final = 10
_LONGEST: Final = 40
# 01, 044 and 045 left the plan in 2019, the 1 after +52 too; contact books and WhatsApp still show them.
_OLD_PREFIX: Final = re.compile(r"(?:01|044|045)(?=\d{10}$)")
_ABROAD: Final = re.compile(r"(?:\+|00)52(?:1(?=\d{10}$))?(?=\d)")
_UNSIGNED_ABROAD: Final = re.compile(r"52(?:1(?=\d{10}$))?(?=\d{10}$)")
_ODD: Final = re.compile(r"[^\d\s()+.\-/]")
_EXTENSION: Final = re.compile(r"\s*(?:,|;|ext\.?|extensi[oó]n|x)\s*:?\s*\d{1,6}\s*$", re.IGNORECASE)


def parse(text: str, *, field: str = "phone") -> PhoneNumber:
    """Return the number that was typed. Raises Invalid on `field` that says what is wrong.

    An extension is dropped: nothing here can dial it.
    """
    typed = _EXTENSION.sub("", unicodedata.normalize("NFKC", text).strip())
    problem = _unreadable(typed)
    if not problem:
        number = _number(typed)
        if number is not None and number.is_valid():
            return number
        problem = _wrong_length(typed)
    raise Invalid.field(field, "phone", problem)


def _number(typed: str) -> PhoneNumber | None:
    """Return the number that the digits spell, valid or not; None where they spell none (a single digit)."""
    try:
        return PhoneNumber.from_string(_plain(typed), region="MX") if _digits(typed) else None
    except phonenumbers.NumberParseException:
        return None


def _unreadable(typed: str) -> str:
    if not typed:
        return _("Write the telephone number.")
    if len(typed) > _LONGEST or typed.count("+") > 1:
        return _("Write one telephone number only.")
    if _ODD.search(typed):
        return _("A telephone number has digits only.")
    return ""


def _digits(typed: str) -> str:
    return re.sub(r"\D", "", typed)


def _plain(typed: str) -> str:
    """Return the digits to parse, without the prefixes of old; a plus is kept for other countries."""
    digits = ("+" if typed.lstrip("( ").startswith("+") else "") + _digits(typed)
    national = _ABROAD.sub("", digits, count=1) if digits.startswith(("+52", "0052")) else digits
    if national.startswith("+"):
        return national
    if len(national) > _DIGITS_HERE and national == digits:
        national = _UNSIGNED_ABROAD.sub("", national, count=1)
    return _OLD_PREFIX.sub("", national, count=1)


def _wrong_length(typed: str) -> str:
    plain = _plain(typed)
    missing = _DIGITS_HERE - len(plain)
    if plain.startswith("+"):
        return _("That number does not exist in its country.")
    if missing > 0:
        return ngettext(
            "One digit is missing: a number in Mexico has 10.",
            "%(count)d digits are missing: a number in Mexico has 10.",
            missing,
        ) % {"count": missing}
    if missing < 0:
        return ngettext(
            "There is one digit too many: a number in Mexico has 10.",
            "There are %(count)d digits too many: a number in Mexico has 10.",
            -missing,
        ) % {"count": -missing}
    return _("That number does not exist in Mexico. Check its area code.")


def is_phone(text: str) -> bool:
    """Whether the text reads as a telephone number."""
    try:
        parse(text)
    except Invalid:
        return False
    return True


def national(number: str) -> str:
    """An E.164 number as people here read and dial it."""
    return str(PhoneNumber.from_string(number, region="MX").as_national)
