"""Random verbs by random people: whatever they try, the rules of a ticket hold after every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from tests.tickets.cast import OUTAGE, QUESTION, Imx, run_timers
from tickets import actions, lifecycle
from tickets.models import NEVER, Clock, Outage, Ticket, TicketEvent
from tickets.queries.reckonings import reckonings
from tickets.verbs import VERBS

pytestmark = pytest.mark.django_db

START: Final = datetime(2026, 11, 13, 19, 30, tzinfo=UTC)  # Friday 13:30; Monday 16 is a holiday
REASON: Final = {"reason": "Así lo vimos"}


def outage_of(imx: Imx, now: datetime) -> int:
    """The outage of the desk that goes on, declared where there is none."""
    going_on = Outage.objects.active().filter(desk=imx.desk).first()
    if going_on is None:
        text = "El servicio de timbrado no responde; lo revisa el PAC."
        going_on = actions.declare_outage(imx.desk, by=imx.actor("elena"), now=now, title="Sin timbrado", text=text)
    return going_on.pk


VALUES: Final[dict[str, Callable[[Imx, datetime], dict[str, Any]]]] = {
    "assign": lambda imx, now: {"assignee": imx.user("bruno").pk},
    "wait-third-party": lambda imx, now: {**REASON, "who": "El PAC"},
    "schedule": lambda imx, now: {"method": "phone", "starts_at": now + timedelta(days=3), "minutes": 15},
    "reclassify": lambda imx, now: {**REASON, "request_type": "training", "affects_operation": False},
    "resolve": lambda imx, now: {"solution": "Se corrigió el código postal"},
    "merge": lambda imx, now: {"into": imx.open(QUESTION, now=now).number},
    "escalate": lambda imx, now: REASON,
    "join": lambda imx, now: {"outage": outage_of(imx, now)},
    "silence": lambda imx, now: {**REASON, "until": now + timedelta(hours=2)},
    **{
        verb: (lambda imx, now: REASON)
        for verb in ("wait", "defer", "contest", "reopen", "close", "cancel", "ask-executive")
    },
}
STEPS: Final = sorted([*VERBS, "reclassify up", "write", "let time pass"])
PEOPLE: Final = ("karla", "elena", "bruno", "client", "paola")

# Mostly something that is offered to somebody (by number), at times anything by anybody.
steps = st.tuples(
    st.sampled_from(STEPS) | st.integers(0, 99) | st.integers(0, 99) | st.integers(0, 99),
    st.sampled_from(PEOPLE),
    st.integers(0, 7 * 3600).map(lambda n: timedelta(seconds=n)),
)


def chosen(imx: Imx, ticket: Ticket, step: str | int, who: str) -> tuple[str, str]:
    """The step and who takes it; a number is one of those that are offered, but for the end without return."""
    if isinstance(step, str):
        return step, who
    offered = [
        (slug, name)
        for slug, verb in VERBS.items()
        if slug != "cancel"
        for name in PEOPLE
        if verb.offered(ticket, imx.requester(ticket) if name == "client" else imx.actor(name))
    ]
    return offered[step % len(offered)] if offered else ("let time pass", who)


def act(imx: Imx, ticket: Ticket, step: str, who: str, now: datetime) -> None:
    by = imx.requester(ticket) if who == "client" else imx.actor(who)
    if step == "let time pass":
        run_timers(now)
    elif step == "write":
        actions.add_message(ticket, by=by, now=now, body="Le cuento cómo va")
    elif step == "reclassify up":
        fields = {**REASON, "request_type": "operational_question", "affects_operation": True}
        actions.reclassify(ticket, by=by, now=now, **fields)
    else:
        VERBS[step].act(ticket, by=by, now=now, **VALUES.get(step, lambda imx, now: {})(imx, now))


def facts(ticket: Ticket) -> list[tuple[Any, ...]]:
    rows = TicketEvent.objects.filter(ticket=ticket).order_by("id")
    return list(rows.values_list("id", "type", "at", "recorded_at", "actor_label", "public"))


def check_clocks(ticket: Ticket, now: datetime) -> None:
    """Each clock says the same as its calculation, to the second; what the state rests, rests; the first is shown."""
    running = list(Clock.objects.filter(ticket=ticket, stopped_at__isnull=True))
    told = reckonings(ticket, now=now)
    for clock in running:
        reckoned = told[clock.kind].reckoning
        assert reckoned.due_at == clock.due_at or clock.due_at is None, (clock.kind, reckoned, clock.due_at)
        if clock.due_at is None:
            assert reckoned.used_seconds == clock.used_seconds
        assert (clock.due_at is None) == (clock.paused_at is not None)
    first = min((clock.due_at for clock in running if clock.due_at is not None), default=NEVER)
    assert ticket.sort_due_at == first
    if ticket.status not in lifecycle.OPEN | {lifecycle.Status.MERGED}:
        assert running == []
    resting = {clock.kind for clock in running if clock.due_at is None}
    match ticket.status:
        case "waiting_client":
            assert resting == {clock.kind for clock in running}
        case "waiting_third_party":
            assert resting <= {"resolution"}
        case "merged":
            pass
        case _:
            assert not resting


# A walk that fails is read as it is: making it shorter takes minutes of database work.
@settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(st.booleans(), st.lists(steps, min_size=4, max_size=14))
def test_nothing_that_anybody_does_breaks_a_rule(
    imx: Imx, outage: bool, walk: list[tuple[str | int, str, timedelta]]
) -> None:
    ticket = imx.open(OUTAGE if outage else QUESTION, now=START)
    now, before = START, facts(ticket)
    for wanted, somebody, later in walk:
        now += later
        step, who = chosen(imx, ticket, wanted, somebody)
        state, version = ticket.status, ticket.version
        try:
            with transaction.atomic():
                act(imx, ticket, step, who, now)
        except DomainError:
            refused = True
        else:
            refused = False

        ticket = Ticket.objects.select_related("desk", "requester").get(pk=ticket.pk)
        after = facts(ticket)
        assert after[: len(before)] == before  # what was written stays as it was written
        if refused:
            assert (ticket.status, ticket.version, after) == (state, version, before)
        elif step != "let time pass":
            assert ticket.status == state or lifecycle.allowed(state, ticket.status)
        check_clocks(ticket, now)
        before = after
