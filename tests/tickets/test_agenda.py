"""The rule of appointments: a total table, ten minutes of grace, reminders that are not too close."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar

from core.errors import Conflict
from notifications import rendering
from notifications.models import Notification
from tickets import agenda, invites, pricing
from tickets.agenda import State

START = datetime(2026, 11, 19, 22, 30, tzinfo=UTC)  # Thursday, 16:30 in Mexico City
SECOND = timedelta(seconds=1)


def test_every_state_has_its_row() -> None:
    assert set(agenda.TRANSITIONS) == set(State)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [(old, new, new in agenda.TRANSITIONS[old]) for old in State for new in State],
)
def test_only_the_steps_of_the_table(old: State, new: State, allowed: bool) -> None:
    if allowed:
        agenda.check(old, new)
    else:
        with pytest.raises(Conflict) as refusal:
            agenda.check(old, new)
        assert (refusal.value.code, refusal.value.extra) == ("appointment_state", {"appointment_state": str(old)})


@pytest.mark.parametrize(
    ("late", "over"),
    [
        pytest.param(timedelta(), False, id="on time"),
        pytest.param(timedelta(minutes=9, seconds=59), False, id="within"),
        pytest.param(timedelta(minutes=10), False, id="at ten minutes late one is served"),
        pytest.param(timedelta(minutes=10, microseconds=1), True, id="strictly later"),
    ],
)
def test_ten_minutes_of_grace(late: timedelta, over: bool) -> None:
    assert agenda.is_over(START, START + late) is over
    assert (START + late >= agenda.released_at(START)) is over


@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        pytest.param(timedelta(days=3), ["day", "hour"], id="days ahead"),
        pytest.param(timedelta(hours=25), ["day", "hour"], id="25 hours ahead"),
        pytest.param(timedelta(hours=24, minutes=59), ["hour"], id="the day's would follow within the hour"),
        pytest.param(timedelta(hours=2), ["hour"], id="two hours ahead"),
        pytest.param(timedelta(hours=1, minutes=59), [], id="too close for any"),
    ],
)
def test_reminders_that_are_not_too_close(before: timedelta, kinds: list[str]) -> None:
    found = agenda.reminders(START, START - before)

    assert list(found) == kinds
    assert all(START - at in agenda.REMINDERS.values() for at in found.values())


# ------------------------------------------------------------------ calendar entries


def entry(**changes: Any) -> invites.Entry:
    return invites.Entry(
        **{
            "number": 7,
            "sequence": 0,
            "starts_at": START,
            "ends_at": START + timedelta(minutes=30),
            "summary": "Sesión remota: soporte de InvoiceMX (IMX-7)",
            "location": "https://meet.invoicemx.example/imx-7",
            "organizer": ("InvoiceMX", "ayuda@invoicemx.example"),
            "attendee": ("Rosa Medina", "rosa@lanortena.example"),
            **changes,
        }
    )


def test_moving_and_cancelling_keep_the_uid_and_raise_the_sequence() -> None:
    first, last = (
        Calendar.from_ical(invites.render([one], method=method, now=START))
        for one, method in ((entry(), invites.REQUEST), (entry(sequence=2, cancelled=True), invites.CANCEL))
    )

    assert (first["METHOD"], last["METHOD"]) == ("REQUEST", "CANCEL")
    (booked,), (gone,) = first.walk("VEVENT"), last.walk("VEVENT")
    assert booked["UID"] == gone["UID"] == "cita-7@mesa-de-ayuda"
    assert (booked["SEQUENCE"], gone["SEQUENCE"]) == (0, 2)
    assert (booked["STATUS"], gone["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert booked["DTSTART"].dt == START
    assert booked["ORGANIZER"] == "mailto:ayuda@invoicemx.example"
    assert booked["ATTENDEE"].params["CN"] == "Rosa Medina"


def test_a_mail_carries_the_invitation() -> None:
    text = invites.render([entry()], method=invites.REQUEST, now=START)
    notice = Notification(
        key="scheduled/1", recipient="rosa@lanortena.example", template="tickets/client", channel="email",
        params={"subject": "Cita", "lines": ["Hola"], "calendar": {"method": "REQUEST", "text": text}},
    )  # fmt: skip

    sent = message_from_bytes(rendering.render(notice, now=START).content, policy=policy.default)

    (part,) = sent.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert (part["Content-Type"].params["method"], part.get_filename()) == ("REQUEST", "cita.ics")
    assert part.get_payload(decode=True).decode() == text
    assert sent.get_body(("html",)) is not None


# ------------------------------------------------------------------ prices


@pytest.mark.parametrize(
    ("prices", "method", "price"),
    [
        pytest.param({"remote": "350.00"}, "remote", Decimal("350.00"), id="charged"),
        pytest.param({"remote": "350.00"}, "chat", None, id="included"),
        pytest.param({"remote": "0"}, "remote", None, id="nothing is no price"),
    ],
)
def test_the_price_of_a_plan(prices: dict[str, str], method: str, price: Decimal | None) -> None:
    assert pricing.of_plan(prices, method) == price


def test_without_a_contract_the_highest_of_the_list_holds() -> None:
    assert pricing.listed([{"phone": "250.00"}, {}, {"phone": "300.00"}], "phone") == Decimal("300.00")
    assert pricing.listed([{}], "phone") is None
    assert pricing.money(Decimal("1350")) == "$1,350.00 MXN"
