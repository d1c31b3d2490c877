"""How clear a description is while it is being written: advice only, the rule is `tickets.description`. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from desks.config import DeskConfig
from tickets import description

SHOWN_LIMIT: Final = 2000
_SHOWN: Final = (description.WHAT_YOU_DID, description.EXACT_MESSAGE, description.DOCUMENT, description.SINCE)
_CHANGED: Final = re.compile(
    r"\b(actualiz\w+|instal\w+|cambi\w+|sello nuevo|renov\w+|migr\w+|otro equipo|otra computadora|nuev[oa] versi[oó]n"
    r"|formate\w+|antivirus|nada cambi[oó])\b",
    re.IGNORECASE,
)
_WORDS: Final = ("clarity.none", *["clarity.some"] * 3, "clarity.good", "clarity.full")
_TONES: Final = ("bad", *["warn"] * 3, "ok", "ok")


def of(text: str, config: DeskConfig) -> dict[str, Any] | None:
    """What the text has and lacks, as the card below the field shows it; None before anything is written."""
    if not text.strip():
        return None
    lacks = description.lacks(text)
    items = [(f"clarity.{aspect}", aspect not in lacks) for aspect in _SHOWN]
    items.append(("clarity.changed", bool(_CHANGED.search(text))))
    # What a person adds to a text that says nothing yet is not counted: "Error desde hoy" is no clearer.
    n = sum(ok for _key, ok in items) if description.is_clear(text) else 0
    return {
        "words": config.say(_WORDS[n]),
        "tone": _TONES[n],
        "used": 20 * n,
        "count": config.say("clarity.count", n=f"{len(text):,}", limit=f"{SHOWN_LIMIT:,}"),
        "items": [{"ok": ok, "text": config.say(key)} for key, ok in items],
    }
