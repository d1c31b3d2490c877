"""One ticket and what hangs on it. Who may see it is asked once, by `visible`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from clients.models import Client, Contact, ContactLink
from core.actor import Actor, Reach
from core.compiled import Compiled, OneOf, compiled
from files.models import Attachment
from schedules import queries as schedule_queries
from tickets.models import (
    Appointment,
    Clock,
    Escalation,
    EscalationNotice,
    EscalationRung,
    Message,
    MessageFile,
    TellTask,
    ThirdParty,
    Ticket,
    TicketEvent,
)

MAX_RELATED: Final = 5
MAX_TO_TELL: Final = 100
# Columns of joined rows that no page of a ticket shows; each costs in the statement and in the row.
_UNSHOWN: Final = (
    "desk__texts",
    "desk__wording",
    "desk__routing_table",
    "assignee__password",
    "assignee__last_login",
    "assignee__phone",
    "assignee__is_active",
    "assignee__is_staff",
    "assignee__theme",
    "assignee__keyboard_shortcuts",
    "assignee__timezone",
    "assignee__created_at",
    "product__versions",
)


def visible(actor: Actor) -> QuerySet[Ticket]:
    """The tickets that the actor may read, with their desk and people.

    What few tickets have (branch, merger, proposed company) is read when it is asked for: planning a
    join of ten tables costs more than the page.
    """
    return _shown(Ticket.objects.visible_to(actor))


def _shown(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.select_related("desk", "client", "assignee", "product").defer(*_UNSHOWN)


def one(actor: Actor, number: str) -> Ticket | None:
    """The ticket of that number as `visible` gives it, None where the actor may not read it. 1 query."""
    return _by_number(actor.reach).first(number=number.upper())


def one_with_requester(actor: Actor, number: str) -> Ticket | None:
    """The same with the contact who asked, for the page that shows both. 1 query."""
    return _by_number(actor.reach, "requester").first(number=number.upper())


def is_followed_up(ticket: Ticket, key: UUID | None) -> bool:
    """Whether the follow-up of this `intake_key` is open already: the same button pressed again. 0 or 1 query."""
    return key is not None and ticket.follow_ups.filter(intake_key=key).exists()


@lru_cache(maxsize=256)
def _by_number(reach: Reach, *joined: str) -> Compiled[Ticket]:
    @compiled
    def read(number: Any) -> QuerySet[Ticket]:
        tickets = _shown(Ticket.objects.within(reach).filter(number=number))
        return tickets.select_related(*joined) if joined else tickets

    return read


# ------------------------------------------------------------------ the conversation


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a message, as screens list it."""

    id: str
    name: str
    size: int
    content_type: str
    # What its fiscal documents say, as `recognising` keeps it.
    card: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A message with its files."""

    message: Message
    files: tuple[FileLine, ...] = field(default_factory=tuple)


def messages(ticket: Ticket, actor: Actor) -> QuerySet[Message]:
    """What the actor may read of the conversation; `attached` holds the files of each message."""
    said = Message.objects.filter(ticket=ticket).readable_by(actor, ticket.desk_id)
    return _with_files(said, _files(ticket, actor))


def _with_files(said: QuerySet[Message], files: QuerySet[MessageFile]) -> QuerySet[Message]:
    listed = (
        files.filter(message=OuterRef("pk"))
        .order_by("position")
        .values(
            json=JSONObject(
                id=F("attachment_id"),
                name=F("attachment__filename"),
                size=F("attachment__size"),
                content_type=F("attachment__content_type"),
                card=F("card"),
            )
        )
    )
    return said.annotate(attached=ArraySubquery(listed)).select_related("thread").order_by("seq")


@compiled
def _all_lines(ticket: Any) -> QuerySet[Message]:
    """What a colleague reads who sees payroll."""
    return _with_files(Message.objects.filter(ticket_id=ticket), MessageFile.objects.all())


@compiled
def _open_lines(ticket: Any) -> QuerySet[Message]:
    """What any other colleague reads."""
    return _with_files(Message.objects.filter(ticket_id=ticket), MessageFile.objects.filter(reserved=False))


def sees_reserved(ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor reads payroll that came with the ticket: who has the case, and those above them."""
    if actor.supervises(ticket.desk_id):
        return True
    return actor.works_tickets(ticket.desk_id) and actor.user_id is not None and actor.user_id == ticket.assignee_id


def _files(ticket: Ticket, actor: Actor) -> QuerySet[MessageFile]:
    """Files of messages but the reserved ones that are not for the actor: every read of files begins here."""
    files = MessageFile.objects.all()
    if sees_reserved(ticket, actor):
        return files
    open_to_all = Q(reserved=False)
    return files.filter(open_to_all if ticket.reserved_at is None else open_to_all | _sent_by(actor))


def _sent_by(actor: Actor) -> Q:
    """What a client sent: by this account or link, or signed in before they came by the link."""
    people = list(actor.contact_ids)
    accounts = Contact.objects.filter(pk__in=people, user__isnull=False).values("user_id")
    sender = Q(message__author_kind="contact", message__author_id__in=people) | Q(
        message__author_kind="user", message__author_id__in=accounts
    )
    return sender & Q(message__from_team=False)


def line(message: Any) -> Line:
    """A row of `messages` as a plain value."""
    return Line(message, tuple(FileLine(**one) for one in message.attached))


def written(message: Message, ticket: Ticket, actor: Actor, *, with_files: bool) -> Line:
    """What the actor has just written, as the conversation shows it. 1 query, none where it came without files."""
    return line(messages(ticket, actor).get(pk=message.pk)) if with_files else Line(message)


def conversation(ticket: Ticket, actor: Actor) -> list[Line]:
    """What the actor may read of the conversation, in order. 1 query."""
    if not actor.works_tickets(ticket.desk_id):
        return [line(message) for message in messages(ticket, actor)]
    read = _all_lines if sees_reserved(ticket, actor) else _open_lines
    return [line(message) for message in read(ticket=ticket.pk)]


def attachment(ticket: Ticket, actor: Actor, file_id: UUID) -> Attachment | None:
    """The file, when it came with a message that the actor may read. 1 query."""
    found = (
        _files(ticket, actor)
        .filter(
            attachment_id=file_id, message__in=Message.objects.filter(ticket=ticket).readable_by(actor, ticket.desk_id)
        )
        .select_related("attachment")
        .first()
    )
    return found.attachment if found else None


# ------------------------------------------------------------------ history, clocks, agenda


def timeline(ticket: Ticket, actor: Actor) -> list[TicketEvent]:
    """What happened, as far as the actor may know, oldest first. 1 query."""
    read = _all_events if actor.works_tickets(ticket.desk_id) else _public_events
    return read(ticket=ticket.pk)


@compiled
def _all_events(ticket: Any) -> QuerySet[TicketEvent]:
    return TicketEvent.objects.filter(ticket_id=ticket).order_by("id")


@compiled
def _public_events(ticket: Any) -> QuerySet[TicketEvent]:
    return TicketEvent.objects.filter(ticket_id=ticket, public=True).order_by("id")


def clocks(ticket: Ticket) -> list[Clock]:
    """The newest run of each clock. 1 query."""
    return newest(_clocks(ticket=ticket.pk))


@compiled
def _clocks(ticket: Any) -> QuerySet[Clock]:
    return Clock.objects.filter(ticket_id=ticket).order_by("started_at", "id")


def newest(rows: Iterable[Clock]) -> list[Clock]:
    """Of rows in the order of their start, the last of each ticket and kind."""
    last: dict[tuple[int, str], Clock] = {}
    for clock in rows:
        if clock.calendar_version_id is not None:  # kept by id, not read again
            clock.calendar_version = schedule_queries.version(clock.calendar_version_id)
        key = (clock.ticket_id, clock.kind)
        if key not in last or last[key].stopped_at is not None:  # the one that runs beats one that is over
            last[key] = clock
    return list(last.values())


def clocks_of(ticket_ids: list[int]) -> dict[int, list[Clock]]:
    """The newest run of each clock of several tickets. 1 query."""
    found: dict[int, list[Clock]] = {}
    for clock in newest(Clock.objects.filter(ticket_id__in=ticket_ids).order_by("started_at", "id")):
        found.setdefault(clock.ticket_id, []).append(clock)
    return found


def appointment(ticket: Ticket) -> Appointment | None:
    """The attention that is booked or going on. 1 query, 0 where the ticket has none."""
    if ticket.appointment_at is None:
        return None
    return Appointment.objects.live().filter(ticket=ticket).select_related("consultant").first()


def appointments_of(ticket_ids: list[int]) -> dict[int, Appointment]:
    """The attentions of several tickets that are booked or going on. 1 query."""
    rows = Appointment.objects.live().filter(ticket_id__in=ticket_ids)
    return {row.ticket_id: row for row in rows}


def third_parties(ticket: Ticket) -> list[ThirdParty]:
    """Who outside was proposed for the ticket, in order. 1 query, 0 for a ticket without any."""
    if not ticket.n_third_parties:
        return []
    return list(ThirdParty.objects.filter(ticket=ticket).order_by("id"))


def tell_tasks(ticket: Ticket) -> list[TellTask]:
    """What a client without e-mail must still be told by telephone. 1 query."""
    return list(TellTask.objects.filter(ticket=ticket, done_at__isnull=True).order_by("id"))


def tell_tasks_of(actor: Actor) -> list[TellTask]:
    """What the person must still tell by telephone, of tickets that are theirs, the longest waiting first. 1 query."""
    waiting = TellTask.objects.filter(done_at__isnull=True, ticket__assignee_id=actor.user_id)
    waiting = waiting.filter(ticket__in=Ticket.objects.visible_to(actor))
    return list(waiting.select_related("ticket__desk").order_by("created_at", "id")[:MAX_TO_TELL])


# ------------------------------------------------------------------ the ladder


@dataclass(frozen=True, slots=True)
class Told:
    """A person who was told at a rung, first at `first`, last at `at`."""

    user_id: int
    name: str
    at: Any
    n: int
    first: Any


@dataclass(slots=True)
class Climb:
    """A ladder with its rungs, in order, and who was told at each."""

    escalation: Escalation
    rungs: list[EscalationRung]
    told: dict[int, list[Told]]


def ladder(ticket: Ticket) -> Climb | None:
    """The climb that has not ended. 3 queries, 1 where there is none."""
    climbs = climbs_with_rungs(
        list(
            Escalation.objects.filter(ticket=ticket, ended_at__isnull=True)
            .select_related("acknowledged_by")
            .order_by("-id")[:1]
        )
    )
    return climbs[0] if climbs else None


def climbs_with_rungs(escalations: list[Escalation]) -> list[Climb]:
    """The climbs with their rungs and who was told. 2 queries, 0 for none."""
    if not escalations:
        return []
    ids = [escalation.pk for escalation in escalations]
    rungs: dict[int, list[EscalationRung]] = {pk: [] for pk in ids}
    for rung in EscalationRung.objects.filter(escalation_id__in=ids).order_by("escalation_id", "position"):
        rungs[rung.escalation_id].append(rung)
    told: dict[int, dict[int, list[Told]]] = {pk: {} for pk in ids}
    notices = EscalationNotice.objects.filter(escalation_id__in=ids).order_by("id")
    for row in notices.values_list("escalation_id", "rung_id", "user_id", "user__name", "fired_at"):
        _note(told[row[0]].setdefault(row[1], []), *row[2:])
    return [Climb(escalation, rungs[escalation.pk], told[escalation.pk]) for escalation in escalations]


def _note(people: list[Told], user_id: int, name: str, at: Any) -> None:
    for index, known in enumerate(people):
        if known.user_id == user_id:
            people[index] = Told(user_id, name, at, known.n + 1, known.first)
            return
    people.append(Told(user_id, name, at, 1, at))


# ------------------------------------------------------------------ around a ticket


def related(ticket: Ticket, actor: Actor) -> list[tuple[str, str, str]]:
    """Other recent tickets of the same company, else of the same person: number, subject, state. 1 query."""
    reach = Reach(everything=True) if actor.works_tickets(ticket.desk_id) else actor.reach
    same, value = ("client_id", ticket.client_id) if ticket.client_id else ("requester_id", ticket.requester_id)
    found = _recent(reach, same)(desk=ticket.desk_id, value=value)
    return [row for row in found if row[0] != ticket.number][:MAX_RELATED]


@lru_cache(maxsize=256)
def _recent(reach: Reach, same: str) -> Compiled[Any]:
    @compiled
    def read(desk: Any, value: Any) -> QuerySet[Any, Any]:
        rows = Ticket.objects.within(reach).filter(**{same: value}, desk_id=desk).order_by("-opened_at", "-id")
        return rows.values_list("number", "subject", "status")[: MAX_RELATED + 1]

    return read


def companies_of(actor: Actor, vendor_id: int, *, today: date) -> list[Client]:
    """The companies that a contact may file for, by name. 1 query, 0 for who is no contact."""
    if not actor.contact_ids:
        return []
    return _companies(contacts=sorted(actor.contact_ids), vendor=vendor_id, today=today)


@compiled
def _companies(contacts: Any, vendor: Any, today: Any) -> QuerySet[Client]:
    links = ContactLink.objects.valid_on(today).filter(OneOf("contact_id", contacts))
    return Client.objects.filter(vendor_id=vendor, is_active=True, pk__in=links.values("client_id")).order_by("name")
