"""Streams over a real server, PostgreSQL and Valkey: soon, in order, without loss or doubles, and only for who may."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from core.actor import SALES, SYSTEM
from desks.models import Membership
from helpdesk.live import application
from notifications import live
from tests import factories
from tests.streaming import Listener, serving, session_of
from tickets import actions, links
from tickets.actions import leaving, record
from tickets.actions.drafting import Typed
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port(settings: Any, transactional_db: None) -> Iterator[int]:
    settings.DOORBELL = True
    with serving() as port:
        yield port
        live.flush()


@pytest.fixture
def cast(transactional_db: None) -> factories.Cast:
    return factories.Cast()


@pytest.fixture
def listen(port: int) -> Iterator[Callable[..., Listener]]:
    """Open streams that are closed in the end, with the server still there."""
    opened: list[Listener] = []

    def open_stream(path: str, **kwargs: Any) -> Listener:
        settle()
        opened.append(Listener(port, path, **kwargs))
        return opened[-1]

    yield open_stream
    for listener in opened:
        listener.close()


def settle() -> None:
    """Wait until nobody on this server (other workers' tests too) is older than the events that are there."""
    newest = "SELECT count(*) FROM tickets_ticketevent WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())"
    until = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(newest)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


def say(ticket: Ticket, by: Any, body: str = "Se revisa el sello del comprobante 4417.", **fields: Any) -> None:
    actions.add_message(ticket, by=factories.actor(by), now=datetime.now(UTC), body=body, **fields)


# ------------------------------------------------------------------ soon


def test_ticket_hears_of_a_word_within_a_second(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    ticket = cast.ticket()
    stream = listen(f"/stream/tickets/{ticket.number}/", cookie=session_of(cast.rosa.user)).ready()
    say(ticket, cast.bruno)
    stream.changes(1)  # by now the subscription stands

    before = time.monotonic()
    say(ticket, cast.bruno)
    stream.changes(1)

    assert time.monotonic() - before < 1


def test_queue_hears_of_a_new_ticket(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()

    ticket = cast.ticket(now=datetime.now(UTC))
    first = queue.changes(1)[0]

    assert first.data == {"number": ticket.number, "version": ticket.version, "type": "ticket.opened"}


def test_client_by_link_hears_what_is_public_and_nothing_of_notes(
    cast: factories.Cast, listen: Callable[..., Listener]
) -> None:
    ticket = cast.ticket()
    client = listen(f"/stream/t/{links.token(ticket)}/").ready()
    staff = listen(f"/stream/tickets/{ticket.number}/", cookie=session_of(cast.bruno)).ready()

    say(ticket, cast.bruno, internal=True)
    assert [told.data["type"] for told in staff.changes(1)] == ["ticket.note_added"]
    say(ticket, cast.bruno)

    assert client.changes(1)[0].data["type"] == "ticket.message_added"
    assert client.is_silent(0.5)


def test_the_team_hears_of_a_reply_on_its_way_and_the_client_nothing(
    cast: factories.Cast, listen: Callable[..., Listener]
) -> None:
    ada = factories.actor(cast.ada)
    ticket = actions.take(cast.ticket(), by=ada, now=datetime.now(UTC))
    client = listen(f"/stream/t/{links.token(ticket)}/").ready()
    staff = listen(f"/stream/tickets/{ticket.number}/", cookie=session_of(cast.bruno)).ready()
    say(ticket, cast.bruno, internal=True)
    staff.changes(1)  # by now the subscription stands
    staff.next()

    leaving.press(ticket, by=ada, now=datetime.now(UTC), typed=Typed("¿Qué versión?", seen_seq=99))
    first = staff.next(5)
    leaving.undo(ticket, by=ada, now=datetime.now(UTC))
    second = staff.next(5)
    say(ticket, cast.bruno)
    told = client.next(5)

    assert [one and one.name for one in (first, second, told)] == ["drafts", "drafts", "ticket"]


def test_sums_say_how_many_changes_there_were(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    ticket = cast.ticket()
    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()

    with transaction.atomic():
        say(ticket, cast.bruno, internal=True)
        say(ticket, cast.bruno, internal=True)

    names = [queue.next() for _ in range(3)]
    assert [told and told.name for told in names] == ["ticket", "ticket", "cola"]
    assert names[2] is not None
    assert names[2].data == {"n": 2}


# ------------------------------------------------------------------ without loss, without doubles


@pytest.mark.parametrize("kind", ["queue", "ticket"])
def test_reconnecting_goes_on_exactly_where_it_broke(
    kind: str, cast: factories.Cast, listen: Callable[..., Listener]
) -> None:
    ticket = cast.ticket()
    path = "/stream/cola/" if kind == "queue" else f"/stream/tickets/{ticket.number}/"
    cookie = session_of(cast.bruno)
    first = listen(path, cookie=cookie).ready()
    for _ in range(3):
        say(ticket, cast.bruno, internal=True)
    seen = [told.id for told in first.changes(3)]

    first.close()
    for _ in range(4):
        say(ticket, cast.bruno, internal=True)
    second = listen(path, cookie=cookie, last_id=seen[1]).ready()

    again = [told.id for told in second.changes(5)]
    assert again[0] == seen[2]
    assert len({*seen, *again}) == 7
    assert second.is_silent(0.3)


def test_place_of_a_stream_that_told_nothing_is_kept(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    """Cut after 15 quiet minutes, the browser comes back with the id of the first event."""
    ticket = cast.ticket()
    cookie = session_of(cast.bruno)
    first = listen("/stream/cola/", cookie=cookie).ready()
    first.close()

    say(ticket, cast.bruno, internal=True)
    second = listen("/stream/cola/", cookie=cookie, last_id=first.last_id).ready()

    assert second.changes(1)[0].data["type"] == "ticket.note_added"


def test_a_transaction_that_commits_late_is_not_skipped(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    early, late = cast.ticket(), cast.ticket(subject="Otro reporte", description=factories.CLEAR)
    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()
    written, commit = threading.Event(), threading.Event()

    def write_and_linger() -> None:
        with transaction.atomic():
            record.record(early, "note_added", by=SYSTEM, now=datetime.now(UTC))  # no wake-up of its own
            written.set()
            commit.wait(10)
        connection.close()

    lingering = threading.Thread(target=write_and_linger)
    lingering.start()
    assert written.wait(10)
    say(late, cast.bruno, internal=True)
    assert queue.is_silent(1)

    commit.set()
    lingering.join(10)
    told = queue.changes(2)

    assert [change.data["number"] for change in told] == [early.number, late.number]
    assert queue.is_silent(0.3)


def test_many_writers_at_once_lose_nothing(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    tickets = [cast.ticket(subject=f"Reporte {n}") for n in range(4)]
    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()
    single = listen(f"/stream/tickets/{tickets[0].number}/", cookie=session_of(cast.bruno)).ready()

    def write(ticket: Ticket) -> None:
        for _ in range(10):
            say(ticket, cast.bruno, internal=True)
        connection.close()

    threads = [threading.Thread(target=write, args=(ticket,)) for ticket in tickets]
    for thread in threads:
        thread.start()
    told = queue.changes(40)
    for thread in threads:
        thread.join(20)

    assert len({change.id for change in told}) == 40
    assert len({change.id for change in single.changes(10)}) == 10
    assert queue.is_silent(0.3)


def test_what_happened_while_the_page_was_drawn_is_told(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    drawn_at = int(time.time())
    ticket = cast.ticket(now=datetime.now(UTC))
    cookie = session_of(cast.bruno)

    queue = listen(f"/stream/cola/?desde={drawn_at}", cookie=cookie).ready()
    older = listen(f"/stream/tickets/{ticket.number}/?v={ticket.version - 1}", cookie=cookie).ready()
    same = listen(f"/stream/tickets/{ticket.number}/?v={ticket.version}", cookie=cookie).ready()

    assert queue.changes(1)[0].data["number"] == ticket.number
    assert older.changes(1)[0].data["number"] == ticket.number
    assert same.is_silent(0.3)


@pytest.mark.parametrize("last_id", ["", "nonsense", "-1", "999999999999999999.5", "1" * 40, "²"])
def test_any_last_id_begins_somewhere(last_id: str, cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    cookie = session_of(cast.bruno)

    queue = listen("/stream/cola/", cookie=cookie, last_id=last_id.encode().decode("latin-1")).ready()
    ticket = cast.ticket(now=datetime.now(UTC))

    assert queue.changes(1)[0].data["number"] == ticket.number


# ------------------------------------------------------------------ only for who may


def test_strangers_and_foreign_tickets(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    other = factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    ticket = cast.ticket()
    mine = f"/stream/tickets/{ticket.number}/"

    answers = {
        "nobody": listen("/stream/cola/").status,
        "a false session": listen(mine, cookie="sessionid=nope").status,
        "foreign staff": listen(mine, cookie=session_of(other.bruno)).status,
        "another company": listen(mine, cookie=session_of(cast.tom.user)).status,
        "sales": listen("/stream/cola/", cookie=session_of(cast.paola)).status,
        "a client": listen("/stream/cola/", cookie=session_of(cast.rosa.user)).status,
        "a forged link": listen(f"/stream/t/{links.token(ticket)[:-1]}x/").status,
        "an unknown ticket": listen("/stream/tickets/IMX-999999/", cookie=session_of(cast.bruno)).status,
        "nothing": listen("/stream/", cookie=session_of(cast.bruno)).status,
        "the requester": listen(mine, cookie=session_of(cast.rosa.user)).status,
    }

    assert answers == {
        "nobody": 401,
        "a false session": 401,
        "foreign staff": 404,
        "another company": 404,
        "sales": 404,
        "a client": 404,
        "a forged link": 404,
        "an unknown ticket": 404,
        "nothing": 404,
        "the requester": 200,
    }


def test_queue_of_one_desk_hears_nothing_of_another(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    other = factories.Cast("otra-mesa", prefix="OTR", name="Otra Mesa")
    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()

    other.ticket(now=datetime.now(UTC))

    assert queue.is_silent(1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 400),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
    ],
)
def test_only_pages_of_ours_may_ask(
    headers: dict[str, str], status: int, cast: factories.Cast, listen: Callable[..., Listener]
) -> None:
    assert listen("/stream/cola/", cookie=session_of(cast.bruno), **headers).status == status


def test_answer_is_one_that_nobody_keeps_or_buffers(cast: factories.Cast, listen: Callable[..., Listener]) -> None:
    answer = listen("/stream/cola/", cookie=session_of(cast.bruno)).answer

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"


def test_signing_out_ends_the_streams_of_that_session_only(
    cast: factories.Cast, listen: Callable[..., Listener]
) -> None:
    browser, ticket = Client(), cast.ticket()
    browser.force_login(cast.bruno)
    here = listen("/stream/cola/", cookie=f"sessionid={browser.cookies['sessionid'].value}").ready()
    elsewhere = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()

    browser.logout()

    assert here.ended(3)
    say(ticket, cast.bruno, internal=True)
    assert elsewhere.changes(1)


def test_losing_the_role_ends_the_stream_before_anything_more_is_told(
    cast: factories.Cast, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "RECHECK_SECONDS", 0.0)
    ticket = cast.ticket()
    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()

    Membership.objects.filter(user=cast.bruno).update(roles=[SALES])
    say(ticket, cast.ada, internal=True)

    assert queue.next() is None


def test_revoked_link_ends_its_stream(
    cast: factories.Cast, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "RECHECK_SECONDS", 0.0)
    ticket = cast.ticket()
    client = listen(f"/stream/t/{links.token(ticket)}/").ready()

    Ticket.objects.filter(pk=ticket.pk).update(link_version=2)
    say(ticket, cast.bruno)

    assert client.next() is None


# ------------------------------------------------------------------ how long, how many


def test_stream_shows_that_it_lives_and_ends_in_time(
    cast: factories.Cast, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(application, "LIFE_SECONDS", (1.0, 1.0))

    queue = listen("/stream/cola/", cookie=session_of(cast.bruno)).ready()

    assert queue.ended(3)
    assert queue.comments >= 3


def test_one_reader_has_a_number_of_streams_and_gets_back_those_that_closed(
    cast: factories.Cast, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "STREAMS_PER_READER", 2)
    cookie = session_of(cast.bruno)
    first = listen("/stream/cola/", cookie=cookie).ready()
    listen("/stream/cola/", cookie=cookie).ready()

    assert listen("/stream/cola/", cookie=cookie).status == 429
    first.close()
    time.sleep(0.5)

    assert listen("/stream/cola/", cookie=cookie).status == 200


def test_many_streams_hold_neither_threads_nor_connections(
    cast: factories.Cast, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "STREAMS_PER_READER", 1000)
    cookie = session_of(cast.bruno)
    for _ in range(3):
        listen("/stream/cola/", cookie=cookie).ready()
    before = threading.active_count()

    opened = [listen("/stream/cola/", cookie=cookie).ready() for _ in range(40)]
    server_threads = threading.active_count() - before - len(opened)  # each listener of ours has one
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        (n_connections,) = cursor.fetchone()

    assert server_threads <= application.THREADS
    assert n_connections <= application.THREADS + 1


def test_pages_are_still_served_by_django(port: int) -> None:
    import urllib.request

    with closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10)) as answer:
        assert answer.status == 200
