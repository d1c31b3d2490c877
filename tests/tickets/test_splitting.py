"""Messages that are taken to a ticket of their own: moved, not copied, and brought back while nobody touched it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from clients import vault
from clients.models import VaultSecret
from core.actor import SYSTEM
from core.errors import Conflict, DomainError, Forbidden, Invalid, TransitionNotAllowed
from files import actions as file_actions
from notifications.models import Notification
from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.cast import run_timers
from tickets import actions, counts, drafts, queries, searchquery
from tickets.actions import drafting, leaving, splitting, tagging
from tickets.actions.drafting import Typed
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


OPENLY = "La contraseña de la llave privada es Timbre-2026x por si la necesitan."


def reveal(ticket: Ticket, person: Any, secret: VaultSecret, *, now: Any = OFFICE) -> Any:
    by = factories.actor(person)
    return vault.reveal(secret.pk, topic=f"ticket/{ticket.pk}", by=by, now=now).values["text"]


def with_a_secret(cast: Cast, by_reply: bool) -> tuple[Ticket, Message]:
    """A ticket of Ada's, and a message with a secret in it: of the client, or a reply that was taken back once."""
    ada = factories.actor(cast.ada)
    ticket = actions.take(cast.ticket(), by=ada, now=OFFICE)
    if not by_reply:
        return ticket, wrote(ticket, cast, OPENLY)
    leaving.press(fresh(ticket), by=ada, now=OFFICE, typed=Typed(OPENLY, seen_seq=ticket.last_seq))
    draft = leaving.undo(fresh(ticket), by=ada, now=OFFICE)
    assert draft is not None
    again = Typed(drafting.contents(draft).body, seen_seq=ticket.last_seq)
    leaving.press(fresh(ticket), by=ada, now=OFFICE, typed=again, base=draft.version)
    run_timers(OFFICE + drafts.HOLD)
    return ticket, Message.objects.filter(ticket=ticket).latest("seq")


@pytest.mark.parametrize("by_reply", [False, True])
def test_a_secret_goes_where_its_text_goes_and_ends_with_that_case(cast: Cast, by_reply: bool) -> None:
    ticket, message = with_a_secret(cast, by_reply)
    wrote(fresh(ticket), cast, "La contraseña del portal es Otra-2026y, esa no cambia.")
    goes, stays = _in_order(message)

    taken = fresh(split(fresh(ticket), cast, message))
    actions.assign(taken, by=factories.actor(cast.elena), now=OFFICE, assignee=cast.bruno.pk)

    assert "Timbre-2026x" in reveal(taken, cast.bruno, goes)
    assert "Otra-2026y" in reveal(ticket, cast.ada, stays)
    with pytest.raises(LookupError):
        reveal(ticket, cast.elena, goes)
    fact = TicketEvent.objects.get(ticket=taken, type="ticket.split_off")
    assert fact.data["kept"] == 1
    actions.resolve(fresh(ticket), by=factories.actor(cast.ada), now=OFFICE, solution="Se corrigió")
    assert "Timbre-2026x" in reveal(taken, cast.bruno, goes), "the original's end is not its end"
    actions.resolve(fresh(taken), by=factories.actor(cast.bruno), now=OFFICE, solution="Se corrigió")
    goes.refresh_from_db()
    assert (goes.ciphertext, goes.destroyed_cause) == (None, "case_over")


def _in_order(message: Message) -> tuple[VaultSecret, VaultSecret]:
    piece = f"message/{message.pk}"
    return VaultSecret.objects.get(piece=piece), VaultSecret.objects.exclude(piece=piece).get()


def test_a_secret_comes_back_with_its_text_and_keeps_its_72_hours(cast: Cast) -> None:
    ticket, message = with_a_secret(cast, False)
    wrote(fresh(ticket), cast, "Y lo del timbrado sigue igual.")
    secret = VaultSecret.objects.get()
    taken = fresh(split(fresh(ticket), cast, message))
    elena = factories.actor(cast.elena)
    reveal(taken, cast.elena, secret)  # a look is no touch

    merged = splitting.unsplit(fresh(taken), by=elena, now=OFFICE)

    assert merged.status == "merged"
    assert "Timbre-2026x" in reveal(ticket, cast.ada, secret)
    run_timers(OFFICE + vault.LIFETIME)
    secret.refresh_from_db()
    assert (secret.topic, secret.n_looks, secret.destroyed_cause) == (f"ticket/{ticket.pk}", 2, "time")


def test_the_72_hours_end_in_the_ticket_that_it_went_to(cast: Cast) -> None:
    ticket, message = with_a_secret(cast, False)
    taken = split(fresh(ticket), cast, message)

    run_timers(OFFICE + vault.LIFETIME)

    assert VaultSecret.objects.get().destroyed_cause == "time"
    assert TicketEvent.objects.get(type="ticket.secret_destroyed").ticket_id == taken.pk


def touch_written(taken: Ticket, cast: Cast) -> None:
    wrote(taken, cast, "¿Ya lo vieron?")


def touch_asked(taken: Ticket, cast: Cast) -> None:
    actions.take(taken, by=factories.actor(cast.ada), now=OFFICE)
    vault.request(f"ticket/{taken.pk}", contact=cast.rosa, by=factories.actor(cast.ada), now=OFFICE)


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
        (touch_asked, "split_written"),
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
