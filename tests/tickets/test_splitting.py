"""Messages that are taken to a ticket of their own: moved, not copied, and brought back while nobody touched it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from core.actor import SYSTEM
from core.errors import Conflict, DomainError, Forbidden, Invalid, TransitionNotAllowed
from files import actions as file_actions
from notifications.models import Notification
from tests import factories
from tests.factories import OFFICE, Cast
from tickets import actions, counts, queries, searchquery
from tickets.actions import splitting, tagging
from tickets.models import Message, QueueDelta, Ticket, TicketCode, TicketEvent
from tickets.queries import search

pytestmark = pytest.mark.django_db

OTHER = "Además no abre el reporte de nómina: sale CFDI40138 y pide la carpeta de respaldos."


def fresh(ticket: Ticket) -> Ticket:
    return queries.visible(SYSTEM).select_related("desk__vendor").get(pk=ticket.pk)


def wrote(ticket: Ticket, cast: Cast, body: str = OTHER, **fields: Any) -> Message:
    return actions.add_message(ticket, by=factories.actor(cast.rosa), now=OFFICE, body=body, **fields)


def split(ticket: Ticket, cast: Cast, *moved: Message, **fields: Any) -> Ticket:
    wanted = {"messages": [message.pk for message in moved], "subject": "No abre el reporte de nómina", **fields}
    return splitting.split(ticket, by=factories.actor(cast.ada), now=OFFICE, **wanted)


def bodies(ticket: Ticket) -> list[tuple[int, str]]:
    return list(Message.objects.filter(ticket=ticket).order_by("seq").values_list("seq", "body"))


def found(ticket: Ticket, words: str) -> set[str]:
    from zoneinfo import ZoneInfo

    asked = search.Asked(searchquery.parse(words), SYSTEM, (), ZoneInfo("UTC"), OFFICE)
    return set(search.found(Ticket.objects.all(), asked).values_list("number", flat=True))


def kept_counts(cast: Cast) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, n in QueueDelta.objects.filter(desk=cast.desk).values_list("key", "n"):
        sums[key] = sums.get(key, 0) + n
    return {key: n for key, n in sums.items() if n}


def true_counts(cast: Cast) -> dict[str, int]:
    sums: dict[str, int] = {}
    for ticket in Ticket.objects.filter(desk=cast.desk):
        for key, n in counts.buckets(ticket).items():
            sums[key] = sums.get(key, 0) + n
    return sums


def test_messages_move_with_their_files_codes_and_words(cast: Cast, media: Any) -> None:
    ticket = cast.ticket()
    stored = file_actions.store(ContentFile(b"%PDF-1.4", name="reporte.pdf"), now=OFFICE)
    moved = wrote(ticket, cast, files=[stored])
    stays = wrote(ticket, cast, "Y lo del timbrado sigue igual.")
    before = Notification.objects.filter(recipient=ticket.requester_email).count()

    taken = fresh(split(ticket, cast, moved))
    origin = fresh(ticket)

    assert [body for _seq, body in bodies(taken)][1:] == [OTHER]
    assert "separamos" in bodies(taken)[0][1]
    assert [seq for seq, _body in bodies(origin)] == [1, stays.seq]
    assert (taken.requester_id, taken.client_id, taken.product_id) == (
        origin.requester_id, origin.client_id, origin.product_id,
    )  # fmt: skip
    assert (taken.last_seq, taken.split_from, taken.vague) == (2, origin, False)
    ada = factories.actor(cast.ada)
    assert queries.attachment(taken, ada, stored.pk) is not None
    assert queries.attachment(origin, ada, stored.pk) is None
    assert found(origin, "respaldos") == {taken.number}
    assert found(origin, '"sigue igual"') == {origin.number}
    assert set(TicketCode.objects.filter(ticket=taken).values_list("text", flat=True)) == {"CFDI40138"}
    assert "CFDI40138" not in TicketCode.objects.filter(ticket=origin).values_list("text", flat=True)
    mails = Notification.objects.filter(recipient=ticket.requester_email).order_by("id")
    assert mails.count() == before + 1
    assert mails.last().params["quote"] == OTHER
    assert kept_counts(cast) == true_counts(cast)
    facts = TicketEvent.objects.filter(type__in=["ticket.split", "ticket.split_off"]).values_list("ticket", "public")
    assert set(facts) == {(origin.pk, True), (taken.pk, True)}


def test_it_stays_with_the_same_person_whoever_has_the_address_now(cast: Cast) -> None:
    ticket = cast.ticket()
    moved = wrote(ticket, cast)
    cast.rosa.email = "rosa@nueva.example"
    cast.rosa.save()
    factories.make_contact(cast.desk.vendor, name="Otra Persona", email=ticket.requester_email)

    taken = split(ticket, cast, moved)

    assert taken.requester_id == cast.rosa.pk


def test_undone_everything_is_where_it_was(cast: Cast) -> None:
    ticket = cast.ticket()
    first, second = wrote(ticket, cast), wrote(ticket, cast, "Y lo del timbrado sigue igual.")
    before = bodies(ticket)
    seen = dict(TicketCode.objects.filter(ticket=ticket).values_list("text", "seen_at"))
    taken = split(ticket, cast, second, first)
    actions.take(fresh(taken), by=factories.actor(cast.bruno), now=OFFICE)  # being taken is no touch

    merged = splitting.unsplit(fresh(taken), by=factories.actor(cast.ada), now=OFFICE)

    assert bodies(ticket) == before
    assert (merged.status, merged.merged_into_id) == ("merged", ticket.pk)
    assert dict(TicketCode.objects.filter(ticket=ticket).values_list("text", "seen_at")) == seen
    assert found(ticket, "respaldos") == {ticket.number}
    assert fresh(ticket).last_word == "client"
    assert kept_counts(cast) == true_counts(cast)
    assert wrote(fresh(ticket), cast, "Gracias.").seq == before[-1][0] + 1
    with pytest.raises(Conflict):
        splitting.unsplit(fresh(taken), by=factories.actor(cast.ada), now=OFFICE)
    with pytest.raises(Conflict) as refused:
        actions.unmerge(fresh(taken), by=factories.actor(cast.ada), now=OFFICE)
    assert refused.value.code == "split_undone"


def touch_written(taken: Ticket, cast: Cast) -> None:
    wrote(taken, cast, "¿Ya lo vieron?")


def touch_cancelled(taken: Ticket, cast: Cast) -> None:
    actions.cancel(taken, by=factories.actor(cast.elena), now=OFFICE, reason="Repetido")


def touch_split_again(taken: Ticket, cast: Cast) -> None:
    split(taken, cast, Message.objects.get(ticket=taken, seq=2))


def touch_origin_merged(taken: Ticket, cast: Cast) -> None:
    assert taken.split_from is not None
    actions.merge(taken.split_from, by=factories.actor(cast.ada), now=OFFICE, into=cast.ticket().number)


@pytest.mark.parametrize(
    ("touch", "code"),
    [
        (touch_written, "split_written"),
        (touch_cancelled, "split_over"),
        (touch_split_again, "split_moved_on"),
        (touch_origin_merged, "split_origin_over"),
    ],
)
def test_what_was_touched_is_not_brought_back(cast: Cast, touch: Any, code: str) -> None:
    ticket = cast.ticket()
    taken = split(ticket, cast, wrote(ticket, cast), wrote(ticket, cast, "Otra cosa más."))
    touch(fresh(taken), cast)
    before = list(Message.objects.order_by("pk").values_list("pk", "ticket_id", "seq"))

    with pytest.raises(Conflict) as refused:
        splitting.unsplit(fresh(taken), by=factories.actor(cast.ada), now=OFFICE)

    assert refused.value.code == code
    assert list(Message.objects.order_by("pk").values_list("pk", "ticket_id", "seq")) == before


def test_what_cannot_be_taken(cast: Cast, stranger: Cast) -> None:
    ticket = cast.ticket()
    note = actions.add_message(ticket, by=factories.actor(cast.ada), now=OFFICE, body="Ojo", internal=True)
    report, foreign = Message.objects.get(ticket=ticket, seq=1), wrote(cast.ticket(), cast)

    for chosen, code in (
        ([], "required"),
        ([report], "not_movable"),
        ([foreign], "not_movable"),
        ([note], "only_notes"),
    ):
        with pytest.raises(Invalid) as refused:
            split(ticket, cast, *chosen)
        assert refused.value.errors[0].code == code
    with pytest.raises(Invalid) as no_subject:
        split(ticket, cast, wrote(ticket, cast), subject=" ")
    assert no_subject.value.errors[0].field == "subject"
    for person in (cast.rosa, stranger.ada, cast.paola):
        with pytest.raises(Forbidden):
            splitting.split(ticket, by=factories.actor(person), now=OFFICE, messages=[note.pk], subject="x")
    actions.cancel(fresh(ticket), by=factories.actor(cast.elena), now=OFFICE, reason="Repetido")
    with pytest.raises(TransitionNotAllowed):
        split(ticket, cast, note)
    assert Ticket.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_reply_and_a_split_at_the_same_time_lose_nothing() -> None:
    cast = Cast()
    ticket = cast.ticket()
    moved = [wrote(ticket, cast, f"{OTHER} ({n})") for n in range(4)]
    barrier, faults = threading.Barrier(5), []

    def run(act: Any) -> None:
        try:
            barrier.wait()
            act()
        except DomainError:
            pass
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    acts = [
        lambda: split(ticket, cast, moved[0], moved[1]),
        lambda: split(ticket, cast, moved[1], moved[2]),
        lambda: wrote(ticket, cast, "Sigo esperando."),
        lambda: actions.add_message(ticket, by=factories.actor(cast.ada), now=OFFICE, body="Va."),
        lambda: tagging.add(ticket, by=factories.actor(cast.ada), now=OFFICE, tags=["a"]),
    ]
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    n_taken = Ticket.objects.count() - 1
    assert n_taken == 1  # one of the two wanted the message that the other had taken already
    assert Message.objects.count() == 1 + 4 + 2 + n_taken
    assert Message.objects.filter(ticket=ticket).count() == 1 + 4 - 2 + 2
    assert kept_counts(cast) == true_counts(cast)


def test_late_answers_follow_to_where_it_goes_on(cast: Cast) -> None:
    ticket = cast.ticket()
    taken = split(ticket, cast, wrote(ticket, cast))
    splitting.unsplit(fresh(taken), by=factories.actor(cast.ada), now=OFFICE)

    late = wrote(fresh(taken), cast, "¿Ya vieron lo de la nómina?")

    assert late.ticket_id == ticket.pk
    with pytest.raises(TransitionNotAllowed):  # the team writes where it works
        actions.add_message(fresh(taken), by=factories.actor(cast.ada), now=OFFICE, body="Va.")


def test_a_late_answer_does_not_land_on_the_report_of_somebody_else(cast: Cast) -> None:
    mine, theirs = cast.ticket(), factories.make_ticket(cast.desk, contact=cast.tom)
    actions.merge(mine, by=factories.actor(cast.ada), now=OFFICE, into=theirs.number)

    with pytest.raises(TransitionNotAllowed):
        wrote(fresh(mine), cast, "¿Y lo mío?")
