"""What a macro would do, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from desks.config import DeskConfig
from tickets import reasons
from tickets.models import Macro
from tickets.models.macro import After

# Step -> icon and sentence.
_STEPS: Final = {
    "take": ("check", gettext_noop("You take the ticket.")),
    "reclassify": ("sort", gettext_noop("It is reclassified: %(kind)s, %(affects)s. Lane, priority and clocks anew.")),
    "tag": ("sort", gettext_noop("It is tagged: %(tags)s.")),
    "note": ("lock", gettext_noop("An internal note is written.")),
    After.SEND: ("send", gettext_noop("“%(answer)s” is sent to the client.")),
    After.WAIT: ("pause", gettext_noop("“%(answer)s” is sent, and we wait for the client: the clocks rest.")),
    After.RESOLVE: ("ok", gettext_noop("“%(answer)s” is sent as the solution: the ticket is resolved.")),
    After.COMPOSE: ("edit", gettext_noop("“%(answer)s” is put into the text; you send it.")),
    "assign": ("users", gettext_noop("It is handed on to %(assignee)s.")),
}


def codes(macro: Macro) -> list[str]:
    """All that the macro may do, in its order."""
    found = [
        ("take", macro.takes),
        ("reclassify", bool(macro.request_type)),
        ("tag", bool(macro.tags)),
        ("note", bool(macro.note)),
        (str(macro.after), bool(macro.answer_id) and macro.after != After.COMPOSE),
        ("assign", macro.assignee_id is not None),
    ]
    return [code for code, does in found if does]


def sentences(macro: Macro, steps: Iterable[str], config: DeskConfig) -> list[dict[str, Any]]:
    """These steps, and the text that is only put into the box, each with its icon."""
    shown = [*steps, *([After.COMPOSE] if macro.after == After.COMPOSE else [])]
    affects = macro.request_type == "system_down" or bool(macro.affects_operation)
    words = {
        "kind": reasons.request_type(macro.request_type) if macro.request_type else "",
        "affects": _("affects the operation") if affects else _("does not affect the operation"),
        "tags": ", ".join(config.tag(slug).name for slug in macro.tags),
        "answer": macro.answer.title if macro.answer else "",
        "assignee": macro.assignee.name if macro.assignee else "",
    }
    return [{"icon": _STEPS[code][0], "text": _(_STEPS[code][1]) % words} for code in shown]


def step_name(code: str, macro: Macro, config: DeskConfig) -> str:
    """The step that was refused, as the list names it."""
    return str(sentences(macro, [code], config)[0]["text"])


def row(macro: Macro, config: DeskConfig) -> dict[str, Any]:
    """A macro in a list."""
    return {
        "name": macro.name,
        "digit": macro.digit or "",
        "own": macro.owner_id is not None,
        "active": macro.is_active,
        "steps": [sentence["text"] for sentence in sentences(macro, codes(macro), config)],
    }
