"""Delivery: order, attempts, ends, and who is told of them."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage

from core.actor import SYSTEM
from core.errors import Conflict
from notifications import actions, outcomes, senders
from notifications.errors import NotConfigured, Refused
from notifications.models import Channel, Notification, Outcome
from tests.notifications.cast import NOW, ROSA, put

pytestmark = pytest.mark.django_db

Carrier = Callable[..., list[str]]


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Carrier:
    """Replace the rim: returns the keys handed over; `failing` names keys that raise."""
    sent: list[str] = []
    errors: dict[str, Exception] = {}

    def send(notice: Notification) -> None:
        if notice.key in errors:
            raise errors[notice.key]
        sent.append(notice.key)

    def handed_over(**failing: Exception | None) -> list[str]:
        for key, error in failing.items():
            if error is None:
                errors.pop(key, None)
            else:
                errors[key] = error
        return sent

    monkeypatch.setattr(senders, "send", send)
    return handed_over


def fresh(notice: Notification) -> Notification:
    return Notification.objects.get(pk=notice.pk)


# --------------------------------------------------------------------------- the way of one notice


def test_a_due_notice_is_delivered_and_marked(mailoutbox: list[EmailMessage]) -> None:
    notice = put("k1")

    assert actions.send_next(now=NOW) is True
    assert actions.send_next(now=NOW) is False

    notice = fresh(notice)
    assert [mail.to for mail in mailoutbox] == [[ROSA]]
    assert (notice.sent_at, notice.outcome, notice.attempts) == (NOW, "delivered", 1)
    assert (notice.lease_token, notice.lease_until) == (None, None)


def test_nothing_goes_before_its_time(carrier: Carrier) -> None:
    put("k1", not_before=NOW + timedelta(minutes=5))

    assert actions.send_due(now=NOW + timedelta(minutes=5) - timedelta(microseconds=1)) == 0
    assert actions.send_due(now=NOW + timedelta(minutes=5)) == 1
    assert carrier() == ["k1"]


def test_a_repeated_notice_has_the_same_bytes(carrier: Carrier) -> None:
    notice = put("k1")
    carrier(k1=OSError("down"))
    actions.send_due(now=NOW)
    first = fresh(notice)

    carrier(k1=None)
    Notification.objects.update(params={"title": "otra cosa"})
    actions.send_due(now=NOW + timedelta(hours=1))

    second = fresh(notice)
    assert carrier() == ["k1"]
    assert second.attempts == 2
    assert bytes(second.rendered or b"") == bytes(first.rendered or b"") != b""
    assert second.message_id == first.message_id != ""
    assert second.rendered_at == first.rendered_at == NOW


def test_whoever_dies_holding_a_notice_loses_nothing(carrier: Carrier) -> None:
    put("k1")
    held = actions.claim(now=NOW)
    assert held is not None

    before = actions.send_due(now=NOW + actions.LEASE - timedelta(seconds=1))
    after = actions.send_due(now=NOW + actions.LEASE)

    assert (before, after) == (0, 1)
    assert carrier() == ["k1"]
    assert fresh(held).attempts == 2


def test_a_late_sender_does_not_overwrite_what_its_successor_wrote(carrier: Carrier) -> None:
    put("k1")
    late = actions.claim(now=NOW)
    assert late is not None
    actions.send_due(now=NOW + actions.LEASE)

    actions._mark(late, Outcome.DEAD, NOW + timedelta(hours=1), OSError("too late"))
    actions._fail(late, OSError("too late"), NOW + timedelta(hours=1))

    assert (fresh(late).outcome, fresh(late).dead_at) == ("delivered", None)


# --------------------------------------------------------------------------- order


def test_a_recipient_gets_the_notices_of_a_topic_in_order(carrier: Carrier) -> None:
    first, _second = put("k1"), put("k2")
    put("k3", recipient="luis@cliente.example")
    put("k4", topic="ticket/2")
    carrier(k1=OSError("down"))

    actions.send_due(now=NOW)
    assert sorted(carrier()) == ["k3", "k4"]

    carrier(k1=None)
    actions.send_due(now=fresh(first).next_attempt_at)
    assert carrier()[2:] == ["k1", "k2"]


@pytest.mark.parametrize("end", ["dead", "bounced", "cancelled"])
def test_a_notice_that_ended_does_not_hold_the_next(carrier: Carrier, end: str) -> None:
    put("k1")
    put("k2")
    if end == "cancelled":
        actions.cancel(key="k1", now=NOW)
    carrier(k1=Refused("550") if end == "bounced" else NotConfigured("nobody"))

    actions.send_due(now=NOW)

    assert carrier() == ["k2"]


def test_quiet_hours_hold_back_what_follows_but_never_what_wakes(carrier: Carrier) -> None:
    put("k1", not_before=NOW + timedelta(hours=8))
    put("k2")
    put("k3", wakes=True)

    actions.send_due(now=NOW)
    assert carrier() == ["k3"]

    actions.send_due(now=NOW + timedelta(hours=8))
    assert carrier() == ["k3", "k1", "k2"]


def test_what_wakes_goes_first(carrier: Carrier) -> None:
    put("k1", recipient="a@cliente.example")
    put("k2", recipient="b@cliente.example", wakes=True)

    actions.send_due(now=NOW)

    assert carrier() == ["k2", "k1"]


# --------------------------------------------------------------------------- attempts and ends


@pytest.mark.parametrize(
    ("wakes", "pauses"), [(False, actions.BACKOFF), (True, actions.WAKE_BACKOFF)], ids=["ordinary", "wakes"]
)
def test_attempts_are_spaced_out_and_come_to_an_end(
    carrier: Carrier, wakes: bool, pauses: tuple[timedelta, ...]
) -> None:
    notice = put("k1", wakes=wakes)
    carrier(k1=OSError("down"))
    now = NOW

    for number, pause in enumerate(pauses, start=1):
        assert actions.send_due(now=now) == 1
        notice = fresh(notice)
        assert (notice.attempts, notice.next_attempt_at, notice.dead_at) == (number, now + pause, None)
        now += pause
    actions.send_due(now=now)

    notice = fresh(notice)
    assert (notice.outcome, notice.dead_at, notice.attempts) == ("dead", now, len(pauses) + 1)
    assert notice.last_error == "OSError: down"
    assert actions.send_due(now=now + timedelta(days=30)) == 0


def test_a_wake_notice_dies_before_the_next_step_of_the_ladder() -> None:
    assert sum(actions.WAKE_BACKOFF, timedelta()) < timedelta(minutes=10)


def test_a_notice_that_kills_its_workers_ends_as_well(carrier: Carrier) -> None:
    notice, now = put("k1", wakes=True), NOW
    for _attempt in range(len(actions.WAKE_BACKOFF)):
        assert actions.claim(now=now) is not None  # and the worker is gone
        now += actions.WAKE_LEASE
    carrier(k1=OSError("down"))

    actions.send_due(now=now)

    assert fresh(notice).outcome == "dead"


def test_a_notice_that_cannot_be_rendered_never_stops_the_next(carrier: Carrier) -> None:
    broken = put("k1", template="no/such/template")
    put("k2", topic="ticket/2")

    actions.send_due(now=NOW)

    assert carrier() == ["k2"]
    broken = fresh(broken)
    assert (broken.attempts, broken.dead_at, broken.rendered) == (1, None, None)
    assert "TemplateDoesNotExist" in broken.last_error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(smtplib.SMTPRecipientsRefused({ROSA: (550, b"no such user")}), "bounced", id="no such user"),
        pytest.param(smtplib.SMTPRecipientsRefused({ROSA: (450, b"greylisted")}), "", id="greylisted"),
        pytest.param(smtplib.SMTPDataError(554, b"refused"), "bounced", id="content refused"),
        pytest.param(smtplib.SMTPDataError(451, b"later"), "", id="later"),
        pytest.param(smtplib.SMTPSenderRefused(550, b"you?", "us"), "", id="our own fault: fixed by us, tried again"),
        pytest.param(smtplib.SMTPAuthenticationError(535, b"?"), "", id="wrong password"),
        pytest.param(smtplib.SMTPServerDisconnected("gone"), "", id="connection lost"),
        pytest.param(TimeoutError(), "", id="timeout"),
    ],
)
def test_what_a_mail_server_says(monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: str) -> None:
    def refuse(*_args: object, **_options: object) -> int:
        raise error

    monkeypatch.setattr(senders.StoredEmail, "send", refuse)
    notice = put("k1")

    actions.send_due(now=NOW)

    assert fresh(notice).outcome == outcome


# --------------------------------------------------------------------------- cancelling, trying again


def test_cancel_takes_a_topic_or_a_key_and_only_what_is_pending(carrier: Carrier) -> None:
    done = put("k0")
    actions.send_due(now=NOW)
    put("k1")
    put("k2")
    put("k3", topic="ticket/2")

    assert actions.cancel(topic="ticket/1", now=NOW) == 2
    assert actions.cancel(key="k3", now=NOW) == 1
    assert actions.send_due(now=NOW + timedelta(days=1)) == 0
    assert fresh(done).cancelled_at is None
    with pytest.raises(ValueError, match="topic or a key"):
        actions.cancel(now=NOW)


def test_a_notice_cancelled_in_flight_may_be_delivered_but_is_not_given_up(
    monkeypatch: pytest.MonkeyPatch, outcome_table: None
) -> None:
    told: list[str] = []
    outcomes.register("sample", on_dead=lambda notice: told.append(notice.key))

    def cancelled_meanwhile(notice: Notification) -> None:
        actions.cancel(key=notice.key, now=NOW)
        raise NotConfigured("nobody")

    monkeypatch.setattr(senders, "send", cancelled_meanwhile)
    notice = put("k1")

    actions.send_due(now=NOW)

    assert (fresh(notice).outcome, told) == ("", [])
    assert actions.send_due(now=NOW + timedelta(days=1)) == 0


def test_a_dead_notice_can_be_sent_again_with_the_same_bytes(carrier: Carrier) -> None:
    notice = put("k1")
    carrier(k1=NotConfigured("nobody"))
    actions.send_due(now=NOW)
    dead = fresh(notice)

    carrier(k1=None)
    actions.retry_dead(dead, by=SYSTEM, now=NOW + timedelta(hours=1))
    actions.send_due(now=NOW + timedelta(hours=1))

    again = fresh(notice)
    assert (again.outcome, again.attempts) == ("delivered", 1)
    assert (bytes(again.rendered or b""), again.message_id) == (bytes(dead.rendered or b""), dead.message_id)
    with pytest.raises(Conflict):
        actions.retry_dead(again, by=SYSTEM, now=NOW)


def test_a_mail_may_bounce_after_it_was_delivered(carrier: Carrier, outcome_table: None) -> None:
    told: list[str] = []
    outcomes.register("sample", on_bounced=lambda notice: told.append(notice.last_error))
    notice = put("k1")
    actions.send_due(now=NOW)

    assert actions.bounce(fresh(notice), now=NOW, reason="550 unknown") is True
    assert actions.bounce(fresh(notice), now=NOW, reason="550 unknown") is False
    actions.send_due(now=NOW)

    assert told == ["550 unknown"]
    assert fresh(notice).outcome == "bounced"


# --------------------------------------------------------------------------- who is told


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "delivered"), (Refused("404"), "bounced"), (NotConfigured("nobody"), "dead")],
    ids=["delivered", "bounced", "dead"],
)
def test_each_end_is_told_once(carrier: Carrier, outcome_table: None, error: Exception | None, outcome: str) -> None:
    told: list[str] = []
    outcomes.register(
        "sample",
        on_delivered=lambda notice: told.append(f"delivered {notice.key}"),
        on_bounced=lambda notice: told.append(f"bounced {notice.key}"),
        on_dead=lambda notice: told.append(f"dead {notice.key}"),
    )
    carrier(k1=error)
    notice = put("k1")

    actions.send_due(now=NOW)
    actions.send_due(now=NOW + timedelta(days=1))

    assert told == [f"{outcome} k1"]
    assert fresh(notice).outcome_told_at == NOW


def test_a_notice_that_was_never_rendered_is_told_dead(carrier: Carrier, outcome_table: None) -> None:
    told: list[str] = []
    outcomes.register("no/such", on_dead=lambda notice: told.append(notice.key))
    put("k1", template="no/such/template", wakes=True)

    for minute in range(10):
        actions.send_due(now=NOW + timedelta(minutes=minute))

    assert told == ["k1"]


def test_a_listener_that_fails_undoes_its_work_and_is_asked_again(carrier: Carrier, outcome_table: None) -> None:
    calls: list[int] = []

    def listener(notice: Notification) -> None:
        calls.append(notice.pk)
        put(f"follow-up/{notice.pk}", topic="ticket/9", not_before=NOW + timedelta(days=9))
        if len(calls) == 1:
            raise RuntimeError("database hiccup")

    outcomes.register("sample", on_delivered=listener)
    notice = put("k1")

    actions.send_due(now=NOW)
    assert fresh(notice).outcome == "delivered"  # the mail went; that stays true
    assert fresh(notice).outcome_told_at is None
    assert not Notification.objects.filter(key__startswith="follow-up").exists()

    actions.send_due(now=NOW + timedelta(minutes=2))
    assert fresh(notice).outcome_told_at is not None
    assert Notification.objects.filter(key__startswith="follow-up").count() == 1
    assert len(calls) == 2


def test_the_longest_name_hears() -> None:
    table: dict[str, outcomes.Handlers] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcomes, "_table", table)
        short, long = (lambda notice: None), (lambda notice: None)
        outcomes.register("tickets/", on_dead=short)
        outcomes.register("tickets/ladder", on_dead=long)

        assert outcomes.handler_for("tickets/client", "dead") is short
        assert outcomes.handler_for("tickets/ladder", "dead") is long
        assert outcomes.handler_for("tickets/ladder", "delivered") is None
        assert outcomes.handler_for("stamps/low", "dead") is None
        with pytest.raises(ValueError, match="registered already"):
            outcomes.register("tickets/", on_dead=long)


def test_channels_have_a_sender_each() -> None:
    assert set(senders.SENDERS) == set(Channel.values)
