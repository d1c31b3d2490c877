"""Pieces of the screens that repeat in every row: cheap, escaped, and the same everywhere.

Filters, because a queue prints two hundred of them: what depends on few values is made once and
kept. The longer pieces are partials in `templates/components/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import template
from django.forms.boundfield import BoundField
from django.forms.forms import BaseForm
from django.templatetags.static import static
from django.utils.html import conditional_escape, escape, format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_noop

from core import faces, localtime

register = template.Library()

# code -> (shape in status.css, what staff read)
STATUS: Final[Mapping[str, tuple[str, str]]] = {
    "new": ("nuevo", gettext_noop("New")),
    "assigned": ("asignado", gettext_noop("Assigned")),
    "in_progress": ("proceso", gettext_noop("In progress")),
    "waiting_client": ("espera", gettext_noop("Waiting for the client")),
    "waiting_third_party": ("tercero", gettext_noop("Waiting for a third party")),
    "scheduled": ("agendado", gettext_noop("Scheduled")),
    "deferred": ("programado", gettext_noop("Deferred to the opening")),
    "resolved": ("resuelto", gettext_noop("Resolved")),
    "closed": ("cerrado", gettext_noop("Closed")),
    "cancelled": ("cancelado", gettext_noop("Cancelled")),
    "merged": ("fusionado", gettext_noop("Merged")),
}
PRIORITY: Final[Mapping[str, tuple[int, str]]] = {
    "critical": (1, gettext_noop("Critical")),
    "high": (2, gettext_noop("High")),
    "normal": (3, gettext_noop("Normal")),
    "low": (4, gettext_noop("Low")),
}
CHANNEL: Final[Mapping[str, tuple[str, str]]] = {
    "web": ("web", gettext_noop("Web form")),
    "phone": ("phone", gettext_noop("Phone")),
    "whatsapp": ("msg", gettext_noop("WhatsApp")),
    "email": ("mail", gettext_noop("E-mail")),
    "chat": ("chat", gettext_noop("Chat")),
    "api": ("swap", gettext_noop("API")),
}
CLOCK: Final[Mapping[str, str]] = {
    "first_response": gettext_noop("1st response"),
    "next_update": gettext_noop("Update"),
    "resolution": gettext_noop("Solution"),
    "appointment": gettext_noop("appointment"),
}
_TONES: Final = ("brand", "warn", "ok", "info", "mute")


# ------------------------------------------------------------------ icons


@lru_cache(maxsize=128)
def icon_html(name: str) -> SafeString:
    """The icon `i-<name>` of the sprite, hidden from screen readers: a word stands beside it."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#i-{}"></use></svg>', static("icons.svg"), name)


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "phone" %}`."""
    return icon_html(name)


# ------------------------------------------------------------------ what people wrote

MAX_KEPT_TEXT: Final = 4_000
# What urlize makes links of; few texts hold any of it, and it is dear.
_LINKS: Final = re.compile(r"://|www\.|@|\.(?:com|edu|gov|int|mil|net|org)\b", re.IGNORECASE)


def _prose(text: str) -> SafeString:
    escaped = urlize(text, nofollow=True, autoescape=True) if _LINKS.search(text) else escape(text)
    return SafeString(linebreaks(escaped))


_prose_kept = lru_cache(maxsize=2_048)(_prose)


@register.filter
def prose(text: str) -> SafeString:
    """`{{ entry.body|prose }}`: plain text of a person as paragraphs. A page is drawn again and again: it is kept."""
    text = str(text)
    return _prose_kept(text) if len(text) <= MAX_KEPT_TEXT else _prose(text)


@register.filter
def mentions(html: SafeString, written: Iterable[str]) -> SafeString:
    """`{{ entry.body|prose|mentions:entry.mentions }}`: marks whom a note names, in its text and not in its links."""
    names = "|".join(sorted((re.escape(escape(text)) for text in written), key=len, reverse=True))
    parts = re.split(r"(<[^>]*>)", html)
    marked = [
        part if part.startswith("<") else re.sub(rf"({names})(?!\w)", r'<mark class="mention">\1</mark>', part)
        for part in parts
    ]
    return SafeString("".join(marked))


# ------------------------------------------------------------------ signals


@lru_cache(maxsize=256)
def _status(code: str, label: str, language: str | None) -> SafeString:
    shape, own = STATUS.get(code, ("nuevo", code))
    return format_html('<span class="status" data-s="{}">{}</span>', shape, label or gettext(own))


@register.filter
def status(code: str, label: str = "") -> SafeString:
    """`{{ row.status|status }}`; clients read the label that the desk's wording gives."""
    return _status(str(code), str(label), get_language())


@lru_cache(maxsize=64)
def _prio(code: str, language: str | None) -> SafeString:
    rank, label = PRIORITY.get(code, (4, code))
    bars = mark_safe('<i aria-hidden="true"><b></b><b></b><b></b></i>')
    return format_html('<span class="prio" data-p="{}">{}{}</span>', rank, bars, gettext(label))


@register.filter
def prio(code: str) -> SafeString:
    """`{{ row.priority|prio }}`."""
    return _prio(str(code), get_language())


@register.filter
def prio_name(code: str) -> str:
    """The priority in words alone: for mails and what is spoken."""
    return gettext(PRIORITY.get(str(code), (4, str(code)))[1]).lower()


@register.filter
def status_name(code: str) -> str:
    """The state's word, as staff read it."""
    return gettext(STATUS.get(str(code), ("", str(code)))[1])


@lru_cache(maxsize=64)
def _channel(code: str, language: str | None) -> SafeString:
    name, label = CHANNEL.get(code, ("web", code))
    return format_html('{}<span class="sr">{}</span>', icon_html(name), gettext(label))


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that a narrow column breaks after the at sign, not within a word."""
    return SafeString(conditional_escape(address).replace("@", "@<wbr>"))


@register.filter
def channel(code: str) -> SafeString:
    """The channel's icon with its name for screen readers."""
    return _channel(str(code), get_language())


@lru_cache(maxsize=64)
def _channel_name(code: str, language: str | None) -> str:
    return gettext(CHANNEL.get(code, ("", code))[1])


@register.filter
def channel_name(code: str) -> str:
    """The channel's name."""
    return _channel_name(str(code), get_language())


@register.filter
def folio(number: str) -> SafeString:
    """A ticket's number in line."""
    return format_html('<span class="folio">{}</span>', number)


@lru_cache(maxsize=2048)
def _avatar(name: str, size: str, language: str | None) -> SafeString:
    if not name:
        unassigned = gettext("Unassigned")
        return format_html(
            '<span class="avatar none" data-tone="mute" aria-hidden="true">+</span><span class="sr">{}</span>',
            unassigned,
        )
    tone = _TONES[sum(map(ord, name)) % len(_TONES)]
    return format_html(
        '<span class="avatar {}" data-tone="{}" title="{}" aria-hidden="true">{}</span>',
        size, tone, name, faces.initials(name),
    )  # fmt: skip


@register.filter
def avatar(name: str | None, size: str = "") -> SafeString:
    """Initials in a circle, always the same tint for the same name; a dashed plus for nobody."""
    return _avatar(str(name or ""), size, get_language())


@register.filter
def who(name: str | None) -> SafeString:
    """The avatar with the name for screen readers: for cells that show nothing else."""
    return _avatar(str(name or ""), "", get_language()) + (
        format_html('<span class="sr">{}</span>', name) if name else SafeString("")
    )


# ------------------------------------------------------------------ clocks


def _left_words(face: faces.ClockFace) -> tuple[str, str]:
    """What a screen reader says first, and the amount."""
    amount = localtime.minutes_label(face.left_seconds / 60)
    if face.left_seconds < 0:
        return gettext("Overdue by: "), amount
    if face.tone == "warn":
        return gettext("Expires soon: "), amount
    return gettext("On time: "), amount


def _ended(face: faces.ClockFace) -> SafeString:
    met = face.state == "met"
    return format_html(
        '<span class="sla" data-tone="{}">{}<span class="sr">{}</span>{} <small>{}</small></span>',
        face.tone, icon_html("ok" if met else "alert"), gettext("Kept in: ") if met else gettext("Missed, took: "),
        localtime.minutes_label(face.left_seconds / 60),
        gettext("of %s") % localtime.minutes_label(face.target_minutes),
    )  # fmt: skip


@register.filter
def sla(face: faces.ClockFace | None, show: str = "") -> SafeString:
    """A clock as a pill; `"bare"` leaves out which clock it is. The page's script repaints it from its data."""
    if face is None:
        return SafeString("")
    if face.state in ("met", "missed"):
        return _ended(face)
    small = "" if show == "bare" else gettext(CLOCK.get(face.kind, face.kind))
    if face.state == "paused":
        name = "cal" if face.kind == "appointment" else "pause"
        words = face.due or gettext("Paused")
        return SafeString(f'<span class="sla" data-tone="mute">{icon_html(name)}{conditional_escape(words)}</span>')
    spoken, amount = _left_words(face)
    until = f' data-until="{face.until}"' if face.until else ""
    due_at = f' data-due="{face.due_at}"' if face.due_at else ""
    # Every value below is a number, a code of ours or a translated word: nothing a person typed.
    return SafeString(
        f'<span class="sla" data-tone="{face.tone}" data-u="{face.used_percent // 5 * 5}"'
        f' data-left="{face.left_seconds}" data-total="{face.target_minutes * 60}"{until}{due_at}>'
        f'<span class="sr">{spoken}</span><b>{amount}</b> <small>{small}</small></span>'
    )


@register.filter
def due(face: faces.ClockFace | None) -> str:
    """`vence 11:00`, `venció 10:30`, or why the clock rests."""
    if face is None:
        return ""
    if face.state != "running":
        return face.note
    return (gettext("expired %s") if face.left_seconds < 0 else gettext("expires %s")) % face.due


@register.filter
def clock_name(kind: str) -> str:
    """Which clock it is, in full."""
    names = {
        "first_response": gettext("First response"),
        "next_update": gettext("Next update"),
        "resolution": gettext("Solution"),
    }
    return names.get(str(kind), str(kind))


@register.filter
def minutes(amount: float) -> str:
    """`2 h 32 min`."""
    return localtime.minutes_label(amount)


@register.simple_tag
def when(at: datetime | None, tz: ZoneInfo, now: datetime) -> SafeString:
    """`<time>` with `hoy 09:14`; empty for None."""
    if at is None:
        return SafeString("")
    iso = at.astimezone(tz).isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', iso, localtime.when(at, tz, now))


# ------------------------------------------------------------------ the day


def _ticks(spans: tuple[tuple[int, int], ...]) -> list[dict[str, str]]:
    """Hours under the strip, anchored so that neighbours do not touch."""
    marks = [] if spans and spans[0][0] < 120 else [(0, "start")]
    for index, (opens, closes) in enumerate(spans):
        marks.append((opens, "start" if index or opens < 60 else "middle"))
        ends_near = index + 1 < len(spans) or closes > faces.DAY_MINUTES - 120
        marks.append((closes, "end" if ends_near else "start"))
    return [
        {"x": _share(minute), "anchor": anchor, "text": f"{minute // 60:02d}:{minute % 60:02d}"}
        for minute, anchor in marks
    ]


def _share(minutes_of_day: int) -> str:
    return f"{100 * minutes_of_day / faces.DAY_MINUTES:.2f}"


@register.inclusion_tag("components/_franja.html")
def franja(strip: faces.DayStrip, mini: bool = False) -> dict[str, Any]:
    """The day strip; `mini` has no hours under it."""
    spans = [{"x": _share(a), "w": _share(b - a)} for a, b in strip.spans]
    now = None if strip.now is None else _share(strip.now)
    return {
        "label": strip.label,
        "spans": spans,
        "now": now,
        "mini": mini,
        "ticks": [] if mini else _ticks(strip.spans),
    }


# ------------------------------------------------------------------ forms


def _wanted(bound: BoundField) -> dict[str, str]:
    """Class of the control; Django itself writes aria-invalid and aria-describedby."""
    kind = getattr(bound.field.widget, "input_type", "")
    given = bound.field.widget.attrs.get("class", "")
    return {} if kind in ("checkbox", "radio", "file") else {"class": f"input {given}".strip()}


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField, label: str = "", hint: str | None = None, optional: bool | None = None) -> dict[str, Any]:
    """A labelled field with its hint and its error, tied to the control for screen readers.

    Without `hint` the field's own help is the hint; an empty one is none. `optional` says so
    beside the label; by default every field that is not required does.
    """
    hint = str(bound.help_text or "") if hint is None else hint
    attrs: dict[str, str | bool] = {**_wanted(bound)}
    bound.help_text = hint  # else Django points at a help text that is not on the page
    describedby = [f"{bound.id_for_label}_error"] if bound.errors else []
    if hint:
        describedby.append(f"{bound.id_for_label}_hint")
    if describedby:
        attrs["aria-describedby"] = " ".join(describedby)
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "label": label or bound.label,
        "hint": hint,
        "optional": not bound.field.required if optional is None else optional,
        "is_check": getattr(bound.field.widget, "input_type", "") == "checkbox",
    }


@register.inclusion_tag("components/_errors.html")
def errors(form: BaseForm | None, title: str = "") -> dict[str, Any]:
    """The summary above a form that was refused: the same sentences as at the fields, linked to them."""
    if not form or not form.errors:
        return {"rows": []}
    rows = [{"href": "", "text": text} for text in form.non_field_errors()]
    for bound in form:
        rows += [{"href": f"#{bound.id_for_label or bound.auto_id}", "text": text} for text in bound.errors]
    return {"rows": rows, "title": title}


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """`{{ mapping|get:key }}`: a key that is itself a value."""
    return mapping.get(key)
