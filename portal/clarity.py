"""How clear a description is while it is being written: advice only, the rule is `tickets.description`. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from desks.config import DeskConfig
from tickets import description

SHOWN_LIMIT: Final = 2000
_SINCE: Final = re.compile(
    r"\b(desde|hoy|ayer|anoche|antier|hace|a las \d|\d{1,2}:\d{2}"
    r"|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)\b",
    re.IGNORECASE,
)
_CHANGED: Final = re.compile(
    r"\b(actualiz\w+|instal\w+|cambi\w+|sello nuevo|renov\w+|migr\w+|otro equipo|otra computadora|nuev[oa] versi[oó]n"
    r"|formate\w+|antivirus|nada cambi[oó])\b",
    re.IGNORECASE,
)
_WORDS: Final = ("clarity.none", "clarity.some", "clarity.some", "clarity.good", "clarity.full")
_TONES: Final = ("bad", "warn", "warn", "ok", "ok")


def of(text: str, config: DeskConfig) -> dict[str, Any] | None:
    """What the text has and lacks, as the card below the field shows it; None before anything is written."""
    if not text.strip():
        return None
    missing = description.missing(text)
    items = [
        ("clarity.what_you_did", "what_you_did" not in missing),
        ("clarity.exact_message", "exact_message" not in missing),
        ("clarity.since", bool(_SINCE.search(text))),
        ("clarity.changed", bool(_CHANGED.search(text))),
    ]
    # What a person adds to a text that says nothing yet is not counted: "Error desde hoy" is no clearer.
    n = 0 if len(missing) == 2 else sum(ok for _key, ok in items)
    return {
        "words": config.say(_WORDS[n]),
        "tone": _TONES[n],
        "used": 25 * n,
        "count": config.say("clarity.count", n=f"{len(text):,}", limit=f"{SHOWN_LIMIT:,}"),
        "items": [{"ok": ok, "text": config.say(key)} for key, ok in items],
    }
