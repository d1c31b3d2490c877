"""Who else is on a ticket: seen by the desk's people alone, forgotten by itself, and never in anybody's way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from helpdesk.live import application, hub
from helpdesk.live.sources import QueueSource, TicketSource
from notifications.models import Notification
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Clock
from tests.tickets.test_views_queue import browse
from tickets import actions, presence
from tickets.models import Ticket

SECOND = timedelta(seconds=1)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What streams are told, call by call."""
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr("notifications.live.wake", lambda *names: calls.append(names))
    return calls


def beat(person: Any, ticket: Ticket, state: str = "viendo") -> Any:
    return browse(person).post(f"/tickets/{ticket.number}/presencia/", {"estado": state})


def row(person: Any, ticket: Ticket) -> str:
    (found,) = [row for row in browse(person).get("/cola/?vista=todos").context["rows"] if row.number == ticket.number]
    return str(found.present)


def test_who_looks_and_who_writes_is_seen_on_the_row_and_on_the_page(
    cast: Cast, at: Clock, woken: list[tuple[str, ...]]
) -> None:
    ticket = cast.ticket()
    here = f"/tickets/{ticket.number}/"

    beat(cast.ada, ticket)
    assert "Ada está viendo este ticket" in row(cast.bruno, ticket)
    assert row(cast.ada, ticket) == ""
    beat(cast.ada, ticket, "respondiendo")
    at(OFFICE + 20 * SECOND)
    beat(cast.ada, ticket, "respondiendo")
    beat(cast.elena, ticket)

    assert "Ada está respondiendo y otra persona" in row(cast.bruno, ticket)
    band = browse(cast.bruno).get(here).content.decode()
    for words in ("<b>Ada está respondiendo</b>", "desde hace 20 s", "Avisarle a Ada", "Elena está viendo este ticket"):
        assert words in band
    assert "está respondiendo" not in beat(cast.ada, ticket, "respondiendo").content.decode()
    # Each news once: Ada came, Ada writes, Elena came.
    assert woken == [presence.names(ticket_id=ticket.pk, desk_id=cast.desk.pk)] * 3


def test_who_leaves_is_gone_and_who_falls_silent_is_forgotten(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket()
    beat(cast.ada, ticket)
    assert beat(cast.ada, ticket, "salir").status_code == 204
    assert row(cast.bruno, ticket) == ""

    beat(cast.elena, ticket)
    at(OFFICE + presence.SEEN_SECONDS * SECOND)
    assert row(cast.bruno, ticket) == ""
    beat(cast.bruno, ticket)  # whoever comes next sweeps
    assert "Elena" not in beat(cast.ada, ticket).content.decode()


def test_clients_and_other_desks_see_nothing_of_it(cast: Cast, stranger: Cast, at: Clock) -> None:
    ticket = cast.ticket()
    beat(cast.ada, ticket, "respondiendo")

    client = browse(cast.rosa.user).get(f"/tickets/{ticket.number}/").content.decode()
    assert "respondiendo" not in client
    assert "data-presence" not in client
    assert beat(cast.rosa.user, ticket).status_code == 403
    assert beat(stranger.ada, ticket).status_code == 404
    assert "IMX" not in browse(stranger.ada).get("/cola/presencia/").content.decode()
    assert f'data-for="t-{ticket.number}"' in browse(cast.bruno).get("/cola/presencia/").content.decode()


def test_a_colleague_is_told_once_in_a_while(cast: Cast, at: Clock) -> None:
    ticket = actions.take(cast.ticket(), by=factories.actor(cast.ada), now=OFFICE)
    bruno, here = browse(cast.bruno), f"/tickets/{ticket.number}/presencia/"
    for _press in range(3):
        assert bruno.post(f"{here}avisar/", {"a": cast.ada.pk}).status_code == 302

    notices = Notification.objects.filter(key__startswith="nearby/")
    assert [notice.recipient for notice in notices] == [cast.ada.email]
    assert "Bruno Ortega también está en este ticket" in beat(cast.ada, ticket).content.decode()
    at(OFFICE + timedelta(minutes=11))
    bruno.post(f"{here}avisar/", {"a": cast.ada.pk})
    assert notices.all().count() == 2
    for nobody in (cast.bruno.pk, cast.rosa.user.pk, 0, "x"):
        assert bruno.post(f"{here}avisar/", {"a": nobody}).status_code == 400
    assert notices.all().count() == 2


def test_without_valkey_everything_else_goes_on(cast: Cast, at: Clock, settings: Any) -> None:
    ticket = cast.ticket()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    try:
        assert beat(cast.ada, ticket).status_code == 200
        assert row(cast.bruno, ticket) == ""
        assert browse(cast.ada).get(f"/tickets/{ticket.number}/").status_code == 200
    finally:
        presence._server.resting_until = 0.0


def test_presence_asks_the_database_nothing(cast: Cast, at: Clock, django_assert_num_queries: Any) -> None:
    ticket = cast.ticket()
    beat(cast.ada, ticket, "respondiendo")

    with django_assert_num_queries(0):
        found = presence.on_tickets([cast.desk.pk], but=cast.bruno.pk, now=OFFICE)

    assert [person.first_name for person in found[ticket.pk]] == ["Ada"]


def test_streams_tell_the_desk_and_nobody_else() -> None:
    staff, client = (
        TicketSource(reader="x", user_id=1, ticket_id=7, public_only=public_only) for public_only in (False, True)
    )

    assert "presence:ticket:7" in staff.names
    assert "drafts:ticket:7" in staff.names
    assert client.names == ("ticket:7", "user:1")
    assert "presence:desk:3" in QueueSource(reader="x", user_id=1, desk_ids=(3,)).names


def test_who_comes_while_a_stream_is_written_to_is_told_next() -> None:
    waiter, written = hub.Waiter(), []

    async def send(message: dict[str, Any]) -> None:
        written.append(message["body"].decode())
        if len(written) == 1:
            waiter.wake("presence:desk:3")  # somebody else comes
        else:
            waiter.close()

    async def told() -> None:
        stream = application._Stream(*(None,) * 3, waiter, send)
        waiter.wake("presence:desk:3")
        await stream._rest(2)

    asyncio.run(told())

    assert written == [application.HINT % "presence"] * 2
