"""What is tidied away, what stays, and that one chore's failure is nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from accounts.models import IdempotencyRecord
from helpdesk import housekeeping
from schedules.models import Timer

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def record(key: str, created_at: datetime) -> None:
    IdempotencyRecord.objects.create(principal="user:7", key=key, fingerprint="f" * 64, created_at=created_at)


def test_answers_are_kept_for_a_day() -> None:
    record("old", NOW - timedelta(hours=24, seconds=1))
    record("fresh", NOW - timedelta(hours=23, minutes=59))

    done = housekeeping.run(now=NOW)

    assert done["idempotency_records"] == 1
    assert [kept.key for kept in IdempotencyRecord.objects.all()] == ["fresh"]


def test_sessions_that_ended_go() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOW - timedelta(seconds=1))
    Session.objects.create(session_key="live", session_data="", expire_date=NOW + timedelta(days=1))

    housekeeping.run(now=NOW)

    assert [kept.session_key for kept in Session.objects.all()] == ["live"]


def test_more_than_a_batch_goes_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for number in range(5):
        record(f"old-{number}", NOW - timedelta(days=2))

    assert housekeeping.run(now=NOW)["idempotency_records"] == 5


def test_timers_of_the_last_weeks_stay() -> None:
    for age, end in ((91, "done_at"), (91, "cancelled_at"), (89, "done_at")):
        at = NOW - timedelta(days=age)
        fields = {"due_at": at, "next_attempt_at": at, "created_at": at, end: at}
        Timer.objects.create(key=f"{age}/{end}", handler="test", owner="test/1", **fields)

    done = housekeeping.run(now=NOW)

    assert done["ended_timers"] == 2
    assert [kept.key for kept in Timer.objects.all()] == ["89/done_at"]


def test_a_failing_chore_does_not_keep_the_others_from_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_now: datetime) -> int:
        raise RuntimeError("no disk")

    monkeypatch.setattr(housekeeping, "CHORES", (broken, housekeeping.idempotency_records))
    record("old", NOW - timedelta(days=2))

    assert housekeeping.run(now=NOW) == {"idempotency_records": 1}
