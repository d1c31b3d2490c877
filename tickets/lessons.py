"""The lesson that a writer is given whose text cannot be worked with: in the desk's words, the same at every door."""

from __future__ import annotations

from typing import Final

from desks.config import DeskConfig
from tickets import description

SHOWN: Final = 60


def sentence(text: str, config: DeskConfig) -> str:
    """What is missing, with an example: `«Error» no nos dice qué pasa. Falta: …`; "" for a text that will do."""
    missing = description.missing(text)
    if not missing:
        return ""
    key = "lesson.vague" if description.EXACT_MESSAGE in missing else "lesson.code_alone"
    return config.say(key, text=" ".join(text.split())[:SHOWN], missing=listed(missing, config))


def listed(aspects: list[str], config: DeskConfig) -> str:
    """`qué hacía, el mensaje exacto y desde cuándo pasa`."""
    parts = [config.say(f"lesson.{aspect}") for aspect in aspects]
    return " y ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
