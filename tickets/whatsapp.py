"""A conversation pasted from WhatsApp, told apart line by line; and the address that answers it. Pure.

Telephones and browsers in Mexico copy the same chat in several ways:

    [17/11/26, 10:42:13] Rosa Medina: Buenos días            an iPhone
    17/11/2026, 10:42 a. m. - Rosa Medina: Buenos días       an Android telephone
    [10:42 a. m., 17/11/2026] Rosa Medina: Buenos días       WhatsApp Web

What is none of these is kept as it was pasted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

_DAY: Final = r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4}|\d{2})"
_HOUR: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?:\s*(?P<half>[ap])\.?\s*m\.?)?"
_SAID: Final = r"(?P<name>[^:\n]{1,80}):(?:\s(?P<text>.*))?"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\[{_DAY},?\s+{_HOUR}\]\s*{_SAID}",
        rf"\[{_HOUR},?\s+{_DAY}\]\s*{_SAID}",
        rf"{_DAY},?\s+{_HOUR}\s+[-–]\s+{_SAID}",
    )
)
# Marks of direction and the narrow blank before "a. m." that telephones copy along.
_INVISIBLE: Final = str.maketrans({"\u200e": "", "\u200f": "", "\u202a": "", "\u202c": "", "\u202f": " ", "\xa0": " "})
_MEDIA: Final = re.compile(
    r"[<(]?\s*(?:(?:multimedia|imagen|foto|video|audio|sticker|documento|gif)\s+omitid[oa]|media omitted"
    r"|(?:image|audio|video|document) omitted)\s*[>)]?",
    re.IGNORECASE,
)
MEDIA: Final = "(archivo)"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of the chat. `at` is the hour on the telephone that copied it: local, without a zone."""

    name: str
    at: datetime
    text: str


def read(pasted: str) -> list[Bubble]:
    """Return the messages in order; empty where the text is not a copied chat.

    Lines without a heading belong to the message before them. What stands before the first
    heading, such as the notice of encryption, is left out.
    """
    bubbles: list[Bubble] = []
    for line in pasted.translate(_INVISIBLE).splitlines():
        found = _heading(line.strip())
        if found is not None:
            bubbles.append(found)
        elif bubbles:
            last = bubbles[-1]
            bubbles[-1] = Bubble(last.name, last.at, f"{last.text}\n{line.rstrip()}")
    return [replace(bubble, text=bubble.text.strip()) for bubble in bubbles if bubble.text.strip()]


def _heading(line: str) -> Bubble | None:
    for form in _FORMS:
        found = form.fullmatch(line)
        if found is None:
            continue
        at = _instant(found)
        if at is not None:
            text = _MEDIA.sub(MEDIA, (found["text"] or "").strip())
            return Bubble(found["name"].strip(" ~"), at, text)
    return None


def _instant(found: re.Match[str]) -> datetime | None:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    year = int(found["year"])
    try:
        return datetime(  # noqa: DTZ001 - the telephone's own hour
            year + 2000 if year < 100 else year, int(found["month"]), int(found["day"]), hour, int(found["minute"])
        )
    except ValueError:
        return None


def transcript(bubbles: Sequence[Bubble]) -> str:
    """The chat as it is kept on a ticket: a line with the day where it changes, then hour, name and text."""
    lines, day = [], None
    for bubble in bubbles:
        if bubble.at.date() != day:
            day = bubble.at.date()
            lines.append(f"{day:%d/%m/%Y}")
        lines.append(f"{bubble.at:%H:%M} {bubble.name}: {bubble.text}")
    return "\n".join(lines)


def tidy(pasted: str) -> str:
    """The chat as it is kept, or the text itself where it is none."""
    bubbles = read(pasted)
    return transcript(bubbles) if bubbles else pasted


def address(phone: str, text: str) -> str:
    """Where WhatsApp opens with that text written, to be sent by a person. `phone` in E.164; "" without one."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"https://wa.me/{digits}?{urlencode({'text': text})}" if digits else ""
