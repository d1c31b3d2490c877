"""Tags: one word however it is written, put on and taken off once, for the desk's people alone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from desks import tag_actions, tags
from desks.models import Desk, Tag
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Caller, Clock
from tests.tickets.test_views_queue import browse
from tickets.actions import tagging
from tickets.models import Ticket, TicketEvent
from tickets.queries import board
from tickets.queries.tags import wearing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Cancelación sin aceptación", "cancelacion-sin-aceptacion"),
        ("  #TIMBRADO  ", "timbrado"),
        ("CFDI40147", "cfdi40147"),
        ("Sello digital (CSD)", "sello-digital-csd"),
        ("Año_nuevo", "ano-nuevo"),
        ("¡!", ""),
        ("日本", ""),
    ],
)
def test_a_name_is_one_word_however_it_is_written(name: str, slug: str) -> None:
    assert tags.slug_of(tags.tidy(name)) == slug
    assert tags.slug_of(slug) == slug


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("desk").get(pk=ticket.pk)


def put_on(ticket: Ticket, cast: Cast, *names: str) -> Ticket:
    return tagging.add(fresh(ticket), by=factories.actor(cast.ada), now=OFFICE, tags=names)


def tag(desk: Desk, slug: str) -> Tag:
    return Tag.objects.select_related("desk").get(desk=desk, slug=slug)


def test_tags_are_put_on_once_and_leave_a_fact(cast: Cast) -> None:
    ticket = cast.ticket()

    put_on(ticket, cast, "Timbrado", "timbrado", "Nómina")
    again = put_on(ticket, cast, "TIMBRADO")
    off = tagging.remove(again, by=factories.actor(cast.ada), now=OFFICE, tags=["nomina", "nunca puesta"])

    assert off.tags == ["timbrado"]
    events = TicketEvent.objects.filter(ticket=ticket, type="ticket.tagged").order_by("id")
    assert [(e.data["added"], e.data["removed"], e.public) for e in events] == [
        (["timbrado", "nomina"], [], False),
        ([], ["nomina"], False),
    ]
    assert [row.name for row in Tag.objects.filter(desk=cast.desk).order_by("name")] == ["Nómina", "Timbrado"]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["¡!"], "required"),
        (["x" * 31], "too_long"),
        (["contraseña: Zafiro-7731"], "secret"),
        ([f"t{n}" for n in range(11)], "too_many"),
    ],
)
def test_what_is_no_tag_is_refused_whole(cast: Cast, names: list[str], code: str) -> None:
    ticket = cast.ticket()

    with pytest.raises(Invalid) as refused:
        put_on(ticket, cast, "buena", *names)

    assert refused.value.errors[0].code == code
    assert fresh(ticket).tags == []
    assert not Tag.objects.exists()
    assert put_on(ticket, cast, "buena").tags == ["buena"]  # nothing of what was undone is believed


def test_nobody_outside_the_desk_tags(cast: Cast, stranger: Cast) -> None:
    ticket = cast.ticket()

    for person in (cast.rosa, stranger.ada, cast.paola):
        with pytest.raises(Forbidden):
            tagging.add(ticket, by=factories.actor(person), now=OFFICE, tags=["x"])


def test_a_merged_tag_stands_for_the_other_until_it_is_separated(cast: Cast, stranger: Cast) -> None:
    elena = factories.actor(cast.elena)
    first, second, foreign = (
        put_on(cast.ticket(), cast, "Timbre"),
        put_on(cast.ticket(), cast, "Timbrado"),
        stranger.ticket(),
    )
    tagging.add(foreign, by=factories.actor(stranger.ada), now=OFFICE, tags=["Timbre"])
    target = tag(cast.desk, "timbrado")

    merged = tag_actions.merge(tag(cast.desk, "timbre"), by=elena, into=target.pk)

    assert set(Ticket.objects.filter(wearing("Timbrado"))) == {first, second}  # the other desk's word is its own
    assert set(Ticket.objects.filter(wearing("timbre"))) == {first, second, foreign}
    assert put_on(first, cast, "timbre").tags == ["timbre"]  # it wears it already, under the old word
    assert put_on(cast.ticket(), cast, "timbre").tags == ["timbrado"]
    config = desk_queries.config(Desk.objects.get(pk=cast.desk.pk))
    assert [one.name for one in config.tags_of(["timbre", "timbrado"])] == ["Timbrado"]
    with pytest.raises(Conflict):
        tag_actions.change(merged, by=elena, name="Timbre", tone="ok", is_active=True)
    tag_actions.separate(merged, by=elena)
    assert set(Ticket.objects.filter(wearing("timbrado"))) >= {second}
    assert first not in Ticket.objects.filter(wearing("timbrado"))


def test_a_new_name_is_the_same_tag(cast: Cast) -> None:
    elena = factories.actor(cast.elena)
    ticket = put_on(cast.ticket(), cast, "csd")

    tag_actions.change(tag(cast.desk, "csd"), by=elena, name="Sello digital", tone="info", is_active=True)
    put_on(ticket, cast, "sello digital")

    assert fresh(ticket).tags == ["csd"]
    assert list(Ticket.objects.filter(wearing("Sello Digital"))) == [ticket]
    tag_actions.change(tag(cast.desk, "csd"), by=elena, name="Sello digital", tone="info", is_active=False)
    with pytest.raises(Invalid):
        put_on(cast.ticket(), cast, "csd")
    assert fresh(ticket).tags == ["csd"]


def test_the_index_answers(cast: Cast) -> None:
    put_on(cast.ticket(), cast, "csd")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")

    plan = Ticket.objects.filter(wearing("csd")).explain()

    assert "ticket_tags" in plan, plan


def test_the_queue_shows_and_finds_them(cast: Cast, at: Clock) -> None:
    ticket = put_on(cast.ticket(), cast, "Sello <b>", "uno", "dos", "tres")
    other = cast.ticket()

    page = browse(cast.ada).get("/cola/", {"vista": "todos"}).content.decode()
    found = browse(cast.ada).get("/cola/", {"q": "etiqueta:sello-b"}).content.decode()

    assert 'data-tone="mute">Sello &lt;b&gt;</span>' in page
    assert '<span class="tag">+2</span>' in page
    assert ticket.number in found
    assert other.number not in found
    options = browse(cast.ada).get("/cola/buscar/", {"q": "etiqueta:se"}).content.decode()
    assert "Sello &lt;b&gt;" in options
    wanted = board.Wanted(view="todos", tag="dos", desk_ids=(cast.desk.pk,))
    assert [row.number for row in board.page(wanted, actor=factories.actor(cast.ada), now=OFFICE).items] == [
        ticket.number
    ]


def test_clients_neither_see_tags_nor_find_by_them(cast: Cast, caller: Caller) -> None:
    ticket = put_on(cast.ticket(), cast, "moroso")
    client, ada = caller(cast.rosa), caller(cast.ada)

    assert ada.get(f"/api/v1/tickets/{ticket.number}/").json()["tags"] == ["moroso"]
    assert client.get(f"/api/v1/tickets/{ticket.number}/").json()["tags"] == []
    for query in ({"tag": "moroso"}, {"q": "etiqueta:moroso"}):
        assert [row["number"] for row in ada.get("/api/v1/tickets/", query).json()["results"]] == [ticket.number]
        assert client.get("/api/v1/tickets/", query).json()["results"] == []
    assert "moroso" not in str(client.get(f"/api/v1/tickets/{ticket.number}/timeline/").json())


def test_the_api_puts_on_and_takes_off(cast: Cast, caller: Caller) -> None:
    address = f"/api/v1/tickets/{cast.ticket().number}/tags/"
    ada = caller(cast.ada)

    answer = ada.post(address, {"add": ["Timbrado", "Urge"], "remove": []}, format="json")
    again = ada.post(address, {"remove": ["urge"]}, format="json")
    wrong = ada.post(address, {"add": ["¡!"]}, format="json")

    assert (answer.status_code, answer.json()["tags"]) == (200, ["timbrado", "urge"])
    assert again.json()["tags"] == ["timbrado"]
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "add")


def test_the_page_of_the_ticket(cast: Cast, at: Clock) -> None:
    ticket, browser = cast.ticket(), browse(cast.ada)
    address = f"/tickets/{ticket.number}/etiquetas/"

    done = browser.post(address, {"add": "Timbrado, Nómina"})
    again = browser.post(address, {"remove": "nomina"}, headers={"HX-Request": "true"})
    wrong = browser.post(address, {"add": "x" * 40})

    assert (done.status_code, done["Location"]) == (302, f"/tickets/{ticket.number}/")
    assert (again.status_code, again["Location"]) == (302, address)
    assert wrong.status_code == 422
    assert "x" * 40 in wrong.content.decode()
    page = browser.get(f"/tickets/{ticket.number}/").content.decode()
    assert ">Timbrado</span>" in page
    assert "cambió las etiquetas: +Timbrado +Nómina" in page


def test_supervisors_keep_the_vocabulary_in_order(cast: Cast, at: Clock) -> None:
    browser = browse(cast.elena)
    browser.post("/ajustes/etiquetas/", {"name": "Timbre", "tone": "warn"})
    taken = browser.post("/ajustes/etiquetas/", {"name": "timbre", "tone": "warn"})
    browser.post("/ajustes/etiquetas/", {"name": "Timbrado", "tone": "ok"})
    pk = tag(cast.desk, "timbre").pk

    merged = browser.post(f"/ajustes/etiquetas/{pk}/", {"do": "merge", "into": tag(cast.desk, "timbrado").pk})

    assert taken.status_code == 422
    assert merged.status_code == 302
    assert "ahora es Timbrado" in browser.get("/ajustes/etiquetas/").content.decode()
    assert browser.post(f"/ajustes/etiquetas/{pk}/", {"do": "separate"}).status_code == 302
    again = browser.post(f"/ajustes/etiquetas/{pk}/", {"do": "separate"})
    assert (again.status_code, "No está fusionada" in again.content.decode()) == (422, True)
    renamed = browser.post(f"/ajustes/etiquetas/{pk}/", {"name": "timbrado", "tone": "ok", "is_active": "on"})
    assert renamed.status_code == 422


def test_no_two_tags_in_use_are_called_alike(cast: Cast) -> None:
    """However it is written: who types the name means one of them."""
    elena = factories.actor(cast.elena)
    put_on(cast.ticket(), cast, "Cancelación", "Otra")
    other = tag(cast.desk, "otra")

    with pytest.raises(Invalid):
        tag_actions.change(other, by=elena, name="cancelacion", tone="mute", is_active=True)
    tag_actions.merge(tag(cast.desk, "cancelacion"), by=elena, into=other.pk)
    tag_actions.change(other, by=elena, name="CANCELACIÓN", tone="mute", is_active=True)
    with pytest.raises(Conflict):
        tag_actions.separate(tag(cast.desk, "cancelacion"), by=elena)


@pytest.mark.django_db(transaction=True)
def test_two_people_write_the_same_word_at_once() -> None:
    cast = Cast()
    tickets = [cast.ticket() for _ in range(4)]
    faults: list[Any] = []
    barrier = threading.Barrier(4)

    def write(ticket: Ticket) -> None:
        try:
            barrier.wait()
            put_on(ticket, cast, "Nueva")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[ticket]) for ticket in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert Tag.objects.count() == 1
    assert {tuple(fresh(ticket).tags) for ticket in tickets} == {("nueva",)}
