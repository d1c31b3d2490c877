"""Each step that concerns the client reaches them once: by one notice, or by one task where they have no e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from notifications.models import Notification
from tests.tickets.cast import OUTAGE, QUESTION, Imx, run_timers
from tickets import actions
from tickets.models import TellTask, Ticket

pytestmark = pytest.mark.django_db

HOUR: Final = re.compile(r"\b(lunes|martes|miércoles|jueves|viernes|sábado|domingo) \d+ de \w+ a las \d\d:\d\d")
NOBODY: Final = {"email": "", "phone": "722 555 0101"}


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 in Mexico City (UTC-6)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=6)


AT: Final = local(17, 11)
Step = Callable[[Imx, Ticket], Any]


def filed(imx: Imx, reach: dict[str, str]) -> Ticket:
    return imx.open(QUESTION, now=local(17, 10), **reach)


def worked(imx: Imx, reach: dict[str, str]) -> Ticket:
    return actions.take(filed(imx, reach), by=imx.actor("karla"), now=local(17, 10, 5))


def waiting(imx: Imx, reach: dict[str, str]) -> Ticket:
    return actions.wait(worked(imx, reach), by=imx.actor("karla"), now=local(17, 10, 10), reason="Falta el XML")


def waiting_third(imx: Imx, reach: dict[str, str]) -> Ticket:
    ticket = worked(imx, reach)
    return actions.wait_third_party(ticket, by=imx.actor("karla"), now=local(17, 10, 10), reason="Cayó", who="El PAC")


def scheduled(imx: Imx, reach: dict[str, str]) -> Ticket:
    ticket = worked(imx, reach)
    at = local(17, 12)
    return actions.schedule(
        ticket, by=imx.actor("karla"), now=local(17, 10, 10), method="phone", starts_at=at, minutes=15
    )


def deferred(imx: Imx, reach: dict[str, str]) -> Ticket:
    return imx.open(QUESTION, now=local(16, 12), **reach)


def at_night(imx: Imx, reach: dict[str, str]) -> Ticket:
    return imx.open(OUTAGE, now=local(17, 2), **reach)


def resolved(imx: Imx, reach: dict[str, str]) -> Ticket:
    return actions.resolve(filed(imx, reach), by=imx.actor("elena"), now=local(17, 10, 30), solution="Se corrigió")


def merged(imx: Imx, reach: dict[str, str]) -> Ticket:
    into = imx.open(OUTAGE, now=local(17, 9)).number
    return actions.merge(filed(imx, reach), by=imx.actor("karla"), now=local(17, 10, 30), into=into)


def by(name: str, verb: str, **values: Any) -> Step:
    """A verb as somebody of the desk, or as the client."""

    def act(imx: Imx, ticket: Ticket) -> Any:
        actor = imx.requester(ticket) if name == "client" else imx.actor(name)
        given = {key: value(imx) if callable(value) else value for key, value in values.items()}
        return getattr(actions, verb)(ticket, by=actor, now=AT, **given)

    return act


@dataclass(frozen=True)
class Row:
    """From where, by which step, and the notice that the client gets: None where it is their own, or none of theirs."""

    start: Callable[[Imx, dict[str, str]], Ticket]
    step: Step
    code: str | None


def silenced(imx: Imx, reach: dict[str, str]) -> Ticket:
    ticket, by_elena = at_night(imx, reach), imx.actor("elena")
    until = AT + timedelta(hours=2)
    return actions.silence_ladder(ticket, by=by_elena, now=local(17, 10), until=until, reason="Lo ve el PAC")


def other(imx: Imx) -> str:
    return imx.open(OUTAGE, now=local(17, 10)).number


def outage(imx: Imx) -> int:
    text = "El PAC revisa; lo siguiente, hoy a las 12:00."
    return actions.declare_outage(imx.desk, by=imx.actor("elena"), now=local(17, 10, 40), title="Caída", text=text).pk


def joined(imx: Imx, reach: dict[str, str]) -> Ticket:
    ticket, of = worked(imx, reach), outage(imx)
    return actions.join_outage(ticket, by=imx.actor("karla"), now=local(17, 10, 45), outage=of)


def before_the_closing(imx: Imx, reach: dict[str, str]) -> Ticket:
    return imx.open(OUTAGE, now=local(17, 13, 55), **reach)


def the_closing(imx: Imx, ticket: Ticket) -> None:
    run_timers(local(17, 14))


TABLE: Final[dict[str, Row]] = {
    "take in the office": Row(filed, by("karla", "take"), None),
    "take at night": Row(at_night, by("ivan", "take"), "taken"),
    "assign": Row(worked, by("elena", "assign", assignee=lambda imx: imx.user("bruno").pk), None),
    "acknowledge": Row(at_night, by("elena", "acknowledge"), None),
    "wait": Row(worked, by("karla", "wait", reason="Falta la constancia"), "waiting"),
    "wait-third-party": Row(worked, by("karla", "wait_third_party", reason="Cayó", who="El PAC"), "waiting_third"),
    "resume from the client": Row(waiting, by("karla", "resume"), "resumed"),
    "resume from a third party": Row(waiting_third, by("karla", "resume"), "resumed"),
    "begin": Row(scheduled, by("karla", "begin"), None),
    "defer": Row(worked, by("karla", "defer", reason="Puede esperar"), "deferred"),
    "contest": Row(deferred, by("client", "contest", reason="No puede esperar"), None),
    "schedule": Row(worked, by("karla", "schedule", method="remote", starts_at=local(17, 16), minutes=30), "scheduled"),
    "reclassify": Row(
        worked,
        by("karla", "reclassify", request_type="system_down", affects_operation=True, reason="Caído"),
        "reclassified",
    ),
    "reclassify as it was": Row(
        worked,
        by("karla", "reclassify", request_type="unsure", affects_operation=False, reason="Igual"),
        None,
    ),
    "escalate": Row(worked, by("karla", "escalate", reason="No puedo"), None),
    "silence": Row(at_night, by("elena", "silence_ladder", until=local(17, 13), reason="Lo ve el PAC"), None),
    "unsilence": Row(silenced, by("elena", "unsilence_ladder"), None),
    "ask-executive": Row(worked, by("client", "ask_executive", reason="Es por mi contrato"), None),
    "join": Row(worked, by("karla", "join_outage", outage=outage), "joined_outage"),
    "leave": Row(joined, by("client", "leave_outage"), None),
    "closing of the office": Row(before_the_closing, the_closing, "moved_on_call"),
    "resolve": Row(worked, by("karla", "resolve", solution="Se corrigió"), "resolved"),
    "confirm": Row(resolved, by("client", "confirm"), None),
    "reopen": Row(resolved, by("client", "reopen", reason="Sigue igual"), None),
    "close": Row(resolved, by("elena", "close", reason="Lo dijo por teléfono"), "closed"),
    "cancel": Row(filed, by("elena", "cancel", reason="Repetido"), "cancelled"),
    "cancel by the client": Row(filed, by("client", "cancel", reason="Ya quedó"), None),
    "merge": Row(filed, by("karla", "merge", into=other), "merged"),
    "unmerge": Row(merged, by("karla", "unmerge"), "unmerged"),
    "answer": Row(worked, by("karla", "add_message", body="Ya lo reviso"), "answered"),
    "note": Row(worked, by("karla", "add_message", body="Ojo", internal=True), None),
    "answer of the client": Row(waiting, by("client", "add_message", body="Aquí está"), None),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_client_with_mail_reads_it_once(imx: Imx, name: str) -> None:
    row = TABLE[name]
    ticket = row.start(imx, {})
    before = set(Notification.objects.values_list("pk", flat=True))

    row.step(imx, ticket)

    mails = Notification.objects.exclude(pk__in=before).filter(recipient=ticket.requester_email)
    mails = mails.filter(params__number=ticket.number)
    assert [mail.template for mail in mails] == (["tickets/client"] if row.code else [])
    assert not TellTask.objects.exists()
    for mail in mails:
        assert HOUR.search(" ".join([mail.params["heading"], *mail.params["lines"]])), mail.params


@pytest.mark.parametrize("name", TABLE)
def test_a_client_without_mail_is_told_by_whoever_has_the_ticket(imx: Imx, name: str) -> None:
    row = TABLE[name]
    ticket = row.start(imx, NOBODY)
    before = set(TellTask.objects.values_list("pk", flat=True))

    row.step(imx, ticket)

    tasks = TellTask.objects.exclude(pk__in=before).filter(ticket=ticket)
    assert [task.code for task in tasks] == ([row.code] if row.code else [])
    assert not Notification.objects.filter(template="tickets/client", params__number=ticket.number).exists()
    for task in tasks:
        assert HOUR.search(task.text), task.text


def test_every_verb_stands_in_the_table() -> None:
    from tickets.verbs import VERBS

    assert set(VERBS) <= {name if name in VERBS else name.split(" ")[0] for name in TABLE}
