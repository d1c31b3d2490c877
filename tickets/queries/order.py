"""What stands in the section *Orden* of a ticket: links, steps, time, watchers, what I am to follow up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from core.actor import Actor
from core.paging import Key, Page, instant, page
from desks.models import Checklist
from tickets.models import Attention, ChecklistItem, Reminder, Split, Ticket, TicketLink, TimeEntry, Watcher

SIZE: Final = 25
_BY_DUE: Final = (Key("due_at", parse=instant), Key("id"))
LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as one side reads it; `seen` says whether the reader may know how the other stands."""

    link: TicketLink
    other: Ticket
    code: str
    seen: bool


def links(ticket: Ticket, actor: Actor) -> list[Linked]:
    """The links of a ticket, the oldest first. 1 query."""
    rows = TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket)).select_related("source", "target")
    found = []
    for row in rows.order_by("id"):
        mine = row.source_id == ticket.pk
        other = row.target if mine else row.source
        found.append(Linked(row, other, row.kind if mine else f"{row.kind}.back", actor.works_tickets(other.desk_id)))
    return found


def splits(ticket: Ticket) -> list[Split]:
    """What was taken out of the ticket and is elsewhere now, in order. 1 query."""
    return list(Split.objects.filter(origin=ticket, undone_at=None).select_related("taken").order_by("id")[:LATEST])


def steps(ticket: Ticket) -> list[ChecklistItem]:
    """The steps in order, with who did them. 1 query, 0 where there are none."""
    if not ticket.checklist_total:
        return []
    return list(ChecklistItem.objects.filter(ticket=ticket).select_related("done_by").order_by("position", "id"))


def templates(ticket: Ticket) -> list[tuple[str, str]]:
    """Slug and name of the desk's lists. 1 query."""
    rows = Checklist.objects.filter(desk_id=ticket.desk_id, is_active=True).order_by("name", "id")
    return list(rows.values_list("slug", "name"))


def time_entries(ticket: Ticket) -> list[TimeEntry]:
    """What was noted and counts, the newest day first. 1 query, 0 where nothing was."""
    if not ticket.minutes_worked:
        return []
    counted = TimeEntry.objects.filter(ticket=ticket, removed_at=None).select_related("user")
    return list(counted.order_by("-worked_on", "-id"))


def attended(ticket: Ticket) -> timedelta:
    """How long the client was attended, by the journal. 1 query."""
    lasted = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    ended = Attention.objects.filter(ticket=ticket, ended_at__isnull=False)
    return ended.aggregate(sum=Sum(lasted))["sum"] or timedelta()


def watchers(ticket: Ticket) -> list[Watcher]:
    """Who follows and who added them, the longest first. 1 query, 0 where nobody does."""
    if not ticket.n_watchers:
        return []
    return list(Watcher.objects.filter(ticket=ticket).select_related("user", "added_by").order_by("id"))


def follows(ticket: Ticket, actor: Actor) -> bool:
    """Whether the person follows it. 1 query, 0 where nobody does."""
    return bool(ticket.n_watchers) and Watcher.objects.filter(ticket=ticket, user_id=actor.user_id or 0).exists()


def followed_by(user_id: int | None) -> Q:
    """Tickets that the person follows."""
    return Q(pk__in=Watcher.objects.filter(user_id=user_id or 0).values("ticket_id"))


# ------------------------------------------------------------------ what I am to follow up


def reminders(ticket: Ticket, actor: Actor) -> list[Reminder]:
    """What the person is to follow up on this ticket, due first. 1 query."""
    return list(_open(actor).filter(ticket=ticket).order_by("due_at", "id")[:LATEST])


def reminders_of(actor: Actor, *, cursor: str | None) -> Page[Reminder]:
    """What the person is to follow up, due first; only of tickets that they still see. 1 query."""
    mine = _open(actor).filter(ticket__in=Ticket.objects.visible_to(actor))
    rows = mine.select_related("ticket__desk", "ticket__client", "ticket__assignee")
    return page(rows, _BY_DUE, cursor=cursor, size=SIZE)


def reminder(actor: Actor, pk: int) -> Reminder | None:
    """One of the person's own, open or done. 1 query."""
    mine = Reminder.objects.filter(user_id=actor.user_id or 0, pk=pk)
    return mine.filter(ticket__in=Ticket.objects.visible_to(actor)).select_related("ticket__desk").first()


def _open(actor: Actor) -> QuerySet[Reminder]:
    return Reminder.objects.filter(user_id=actor.user_id or 0, done_at=None)
