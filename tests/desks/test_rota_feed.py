"""One's shifts as a calendar: the secret address, its revocation, and what stands in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar

from desks.models import Membership, RotaFeed
from schedules import actions as schedule_actions
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db
MEXICO = ZoneInfo("America/Mexico_City")


def local(hour: int, *, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=MEXICO).astimezone(UTC)


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    cast = Cast()
    factories.set_on_call(cast.desk, cast.ada, cast.bruno)
    monkeypatch.setattr("django.utils.timezone.now", lambda: local(20))
    return cast


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def made(user: Any) -> str:
    """The path of a fresh address, as the page shows it."""
    text = signed_in(user).post("/guardias/mi-calendario/", {"do": "make"}).content.decode()
    found = re.search(r"/guardias/ics/[\w-]+\.ics", text)
    assert found
    return found[0]


def events(path: str) -> list[tuple[str, str]]:
    answer = Client().get(path)
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.content)
    return [
        (f"{one['dtstart'].dt.astimezone(MEXICO):%m-%d %H:%M}", f"{one['dtend'].dt.astimezone(MEXICO):%m-%d %H:%M}")
        for one in calendar.walk("VEVENT")
    ]


def test_the_calendar_holds_ones_own_shifts_and_needs_no_sign_in(cast: Cast) -> None:
    ada, bruno = events(made(cast.ada)), events(made(cast.bruno))

    assert ("11-17 19:00", "11-18 09:00") in ada
    assert ("11-17 19:00", "11-18 09:00") not in bruno
    assert ("11-23 14:00", "11-23 16:00") in bruno


def test_it_is_a_calendar_that_programs_read(cast: Cast) -> None:
    answer = Client().get(made(cast.ada))

    calendar = Calendar.from_ical(answer.content)
    uids = [str(one["uid"]) for one in calendar.walk("VEVENT")]
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert (str(calendar["version"]), bool(calendar["prodid"])) == ("2.0", True)
    assert len(uids) == len(set(uids)) > 20
    assert b"\r\n" in answer.content


def test_a_change_of_shift_is_followed(cast: Cast) -> None:
    path = made(cast.bruno)
    window = {"start_at": local(14, day=18), "end_at": local(16, day=18)}

    schedule_actions.change_shift(
        cast.desk.rota, user_id=cast.bruno.pk, **window, by=factories.actor(cast.bruno), now=local(20)
    )

    assert ("11-18 14:00", "11-18 16:00") in events(path)


def test_a_new_address_replaces_the_one_before_and_revoking_ends_it(cast: Cast) -> None:
    first, second = made(cast.ada), made(cast.ada)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200

    signed_in(cast.ada).post("/guardias/mi-calendario/", {"do": "revoke"})

    assert Client().get(second).status_code == 404
    assert RotaFeed.objects.filter(revoked_at=None).count() == 0


def test_only_a_digest_is_kept_and_the_address_is_shown_once(cast: Cast) -> None:
    path = made(cast.ada)

    secret = path.rpartition("/")[2].removesuffix(".ics")
    assert secret not in RotaFeed.objects.get().digest
    assert secret not in signed_in(cast.ada).get("/guardias/mi-calendario/").content.decode()


def test_who_has_left_the_desk_has_no_calendar(cast: Cast) -> None:
    path = made(cast.ada)
    Membership.objects.filter(user=cast.ada).update(is_active=False)
    cast.desk.config_version += 1
    cast.desk.save()

    assert Client().get(path).status_code == 404
    assert Client().get("/guardias/ics/inventado.ics").status_code == 404
