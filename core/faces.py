"""What screens show of a clock, a day and a person: plain values in, plain values out. Pure.

Views build these, templates print them through `core.templatetags.hd`. No prose here but the
instants, which `core.localtime` words; labels are codes that the template library translates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from core import localtime

ClockState = Literal["running", "paused", "met", "missed"]
Tone = Literal["ok", "warn", "bad", "mute", "info", "brand"]

# A clock turns to warning in its last half hour, or in its last fifth.
WARN_SECONDS: Final = 30 * 60
WARN_PERCENT: Final = 80
DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class ClockFace:
    """One clock of a ticket as a pill: what is left, how much is used, when it expires.

    `left_seconds` counts in the clock's own time (negative once broken; of a stopped clock: what
    it had used). `until` is the instant (epoch seconds) at which a business clock stops counting
    for today; 0 around the clock.
    """

    kind: str  # first_response | next_update | resolution | appointment
    state: ClockState
    left_seconds: int = 0
    target_minutes: int = 0
    due: str = ""  # "11:00", "mié 09:58"
    due_at: str = ""  # the instant itself, ISO 8601
    until: int = 0
    note: str = ""  # why it rests, or what is planned: free words of the view

    @property
    def used_percent(self) -> int:
        """0 to 100, of the target."""
        total = self.target_minutes * 60
        if not total:
            return 0
        used = self.left_seconds if self.state in ("met", "missed") else total - self.left_seconds
        return max(0, min(100, round(100 * used / total)))

    @property
    def tone(self) -> Tone:
        if self.state == "paused":
            return "mute"
        if self.state == "met":
            return "ok"
        if self.state == "missed" or self.left_seconds < 0:
            return "bad"
        return "warn" if self.left_seconds <= WARN_SECONDS or self.used_percent >= WARN_PERCENT else "ok"


def clock_face(
    kind: str,
    *,
    target_minutes: int,
    due_at: datetime | None,
    tz: ZoneInfo,
    now: datetime,
    left: timedelta | None = None,
    until: datetime | None = None,
    paused: bool = False,
    note: str = "",
) -> ClockFace:
    """The face of a clock that runs or rests.

    `left` is the business time left, for clocks that count in office hours (default: until
    `due_at`, around the clock); `until` the closing at which those stop for today.
    """
    if paused or due_at is None:
        return ClockFace(kind, "paused", target_minutes=target_minutes, note=note)
    seconds = (left if left is not None and due_at > now else due_at - now).total_seconds()
    return ClockFace(
        kind,
        "running",
        left_seconds=round(seconds),
        target_minutes=target_minutes,
        due=near(due_at, tz, now),
        due_at=due_at.isoformat(),
        until=int(until.timestamp()) if until else 0,
        note=note,
    )


def stopped_face(kind: str, *, used: timedelta, target_minutes: int, breached: bool) -> ClockFace:
    """The face of a clock that ended: kept or broken, after so much of its own time."""
    state: ClockState = "missed" if breached else "met"
    return ClockFace(kind, state, left_seconds=round(used.total_seconds()), target_minutes=target_minutes)


def near(at: datetime, tz: ZoneInfo, now: datetime) -> str:
    """`11:00` today, `mié 09:58` within six days, else `mié 25 nov, 09:58`."""
    local, today = at.astimezone(tz), now.astimezone(tz).date()
    days = (local.date() - today).days
    if days == 0:
        return localtime.hhmm(at, tz)
    if abs(days) < 7:
        return f"{localtime.WEEKDAYS_SHORT[local.weekday()]} {localtime.hhmm(at, tz)}"
    return f"{localtime.day_label(local.date())}, {localtime.hhmm(at, tz)}"


@dataclass(frozen=True, slots=True)
class DayStrip:
    """A local day as a strip: office spans in minutes of the day, the minute it is, and its reading aloud."""

    spans: tuple[tuple[int, int], ...]
    now: int | None
    label: str


def day_strip(spans: Iterable[tuple[datetime, datetime]], *, tz: ZoneInfo, now: datetime, label: str) -> DayStrip:
    """The strip of the local day of `now`; spans are instants and are cut to that day."""
    midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    cut = []
    for start, end in spans:
        first, last = _minute(start, midnight), _minute(end, midnight)
        if last > 0 and first < DAY_MINUTES:
            cut.append((max(0, first), min(DAY_MINUTES, last)))
    return DayStrip(tuple(cut), _minute(now, midnight), label)


def _minute(at: datetime, midnight: datetime) -> int:
    """Minutes of wall time since that midnight: the strip shows a wall clock, 24 hours long."""
    local = at.astimezone(midnight.tzinfo)
    return (local.date() - midnight.date()).days * DAY_MINUTES + local.hour * 60 + local.minute


def initials(name: str) -> str:
    """`KJ` for `Karla Jiménez`; `?` for a name without letters."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"
