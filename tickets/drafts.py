"""Rules of drafts: what is kept of a text that another tab wrote over, and what no draft holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from core import passwords

# What is pressed waits so long for *Deshacer*.
HOLD: Final = timedelta(seconds=10)
# A reply that left so late at the most counts for the clocks from the instant at which it was pressed.
PROMPT: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=30)
MAX_OTHERS: Final = 5
# What stands in a draft for a password or a private key: 72 hours are the longest that either is kept.
MARK: Final = "[no se guarda en borradores]"


def name(ticket_id: int) -> str:
    """What wakes the streams of the team that show what is being written on the ticket."""
    return f"drafts:ticket:{ticket_id}"


def kept_texts(body: str, others: Iterable[str]) -> tuple[str, ...]:
    """Of the texts that were written over those that say something else: not within `body` nor within a later one.

    Each once, the newest last, five at most: a text that grew while it was typed is one text.
    """
    kept: list[str] = []
    for text in reversed([text.strip() for text in others]):
        if text and not any(text in longer for longer in (body, *kept)):
            kept.append(text)
    return tuple(reversed(kept[:MAX_OTHERS]))


def without_secrets(text: str) -> str:
    """The text with a mark in the place of passwords and private keys."""
    pieces, last = [], 0
    for secret in passwords.find(text):
        pieces += [text[last : secret.start], MARK]
        last = secret.end
    return "".join([*pieces, text[last:]])
