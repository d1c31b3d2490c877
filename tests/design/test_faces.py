"""What a screen shows of a clock and a day, from plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import faces, localtime

TZ = localtime.zone("America/Mexico_City")
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # Tuesday 10:42


@pytest.mark.parametrize(
    ("left", "target", "tone", "used"),
    [
        pytest.param(240, 240, "ok", 0, id="just started"),
        pytest.param(152, 240, "ok", 37, id="on time"),
        pytest.param(31, 60, "ok", 48, id="a minute before the last half hour"),
        pytest.param(30, 60, "warn", 50, id="last half hour"),
        pytest.param(96, 480, "warn", 80, id="last fifth"),
        pytest.param(0, 60, "warn", 100, id="due now, not yet broken"),
        pytest.param(-12, 240, "bad", 100, id="broken"),
    ],
)
def test_tone_and_share(left: int, target: int, tone: str, used: int) -> None:
    face = faces.clock_face("resolution", target_minutes=target, due_at=NOW + timedelta(minutes=left), tz=TZ, now=NOW)

    assert (face.tone, face.used_percent, face.left_seconds) == (tone, used, left * 60)


def test_a_business_clock_counts_its_own_time() -> None:
    due = NOW + timedelta(hours=20)

    face = faces.clock_face(
        "resolution",
        target_minutes=480,
        due_at=due,
        tz=TZ,
        now=NOW,
        left=timedelta(hours=5),
        until=NOW + timedelta(hours=3),
    )

    assert face.left_seconds == 5 * 3600
    assert face.until == int((NOW + timedelta(hours=3)).timestamp())
    assert face.due == "mié 06:42"


def test_a_broken_business_clock_counts_from_its_due_instant() -> None:
    face = faces.clock_face(
        "resolution", target_minutes=480, due_at=NOW - timedelta(minutes=7), tz=TZ, now=NOW, left=timedelta(0)
    )

    assert face.left_seconds == -7 * 60


def test_a_paused_clock_has_no_hour() -> None:
    face = faces.clock_face("resolution", target_minutes=60, due_at=None, tz=TZ, now=NOW, note="espera al cliente")

    assert (face.state, face.tone, face.note) == ("paused", "mute", "espera al cliente")


@pytest.mark.parametrize(("breached", "tone"), [(False, "ok"), (True, "bad")])
def test_a_stopped_clock_tells_what_it_used(breached: bool, tone: str) -> None:
    face = faces.stopped_face("first_response", used=timedelta(minutes=12), target_minutes=15, breached=breached)

    assert (face.tone, face.left_seconds, face.used_percent) == (tone, 720, 80)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        pytest.param(NOW + timedelta(minutes=18), "11:00", id="today"),
        pytest.param(NOW + timedelta(days=1), "mié 10:42", id="tomorrow"),
        pytest.param(NOW - timedelta(days=6), "mié 10:42", id="six days ago"),
        pytest.param(NOW + timedelta(days=7), "mar 24 nov, 10:42", id="in a week"),
    ],
)
def test_near(at: datetime, words: str) -> None:
    assert faces.near(at, TZ, NOW) == words


def test_the_strip_cuts_spans_to_its_day() -> None:
    night = (datetime(2026, 11, 17, 3, tzinfo=UTC), datetime(2026, 11, 17, 12, tzinfo=UTC))  # Mon 21:00 to Tue 06:00
    late = (datetime(2026, 11, 18, 4, tzinfo=UTC), datetime(2026, 11, 18, 12, tzinfo=UTC))  # Tue 22:00 to Wed 06:00
    other = (datetime(2026, 11, 19, 15, tzinfo=UTC), datetime(2026, 11, 19, 20, tzinfo=UTC))

    strip = faces.day_strip([night, late, other], tz=TZ, now=NOW, label="hoy")

    assert strip.spans == ((0, 360), (1320, 1440))
    assert strip.now == 642


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Karla Jiménez", "KJ"), ("Ferretería La Norteña", "FL"), ("ana", "A"), ("", "?"), ("· –", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert faces.initials(name) == letters
