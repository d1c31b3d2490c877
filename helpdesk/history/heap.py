"""Order in the open cases: what they are tagged with, who follows them, their steps, links, time and reminders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from clients import actors
from desks import queries as desk_queries
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from tickets import lifecycle
from tickets.actions import checklist, linking, reminders, tagging, timing, watching
from tickets.models import ChecklistItem, Ticket

# A word of the subject, and what whoever sorts the queue makes of it.
TAGS: Final = (
    ("cfdi40", "Timbrado"),
    ("timbra", "Timbrado"),
    ("sello", "Sello digital (CSD)"),
    ("cancela", "Cancelación"),
    ("nómina", "Nómina"),
    ("complemento de pago", "Complemento de pago"),
    ("global", "Facturación global"),
)
SEAL_STEPS: Final = "renovacion-csd"


def tell(cast: Cast, player: Player) -> None:
    """What the day's consultants did an hour ago with the cases that are open."""
    player.at(player.now - timedelta(minutes=70), lambda now: _sort(cast, now))
    player.at(player.now - timedelta(minutes=62), lambda now: _follow(cast, now))


def _open(cast: Cast) -> list[Ticket]:
    rows = Ticket.objects.filter(desk=cast.desk, status__in=sorted(lifecycle.OPEN), assignee__isnull=False)
    return list(rows.select_related("desk__vendor", "client", "assignee", "product").order_by("pk"))


def _sort(cast: Cast, now: datetime) -> None:
    known = {tag.name for tag in desk_queries.config(cast.desk).tags.values()}
    for ticket in _open(cast):
        subject = ticket.subject.lower()
        tags = list(dict.fromkeys(tag for word, tag in TAGS if word in subject and tag in known))
        if tags:
            tagging.add(ticket, by=actors.actor_for(ticket.assignee), now=now, tags=tags)


def _follow(cast: Cast, now: datetime) -> None:
    """Who works on a new seal keeps its steps and time, links another case and follows it; without one, the oldest."""
    working = [ticket for ticket in _open(cast) if ticket.status == lifecycle.Status.IN_PROGRESS]
    if len(working) < 2:
        return
    working.sort(key=lambda ticket: "sello" not in ticket.subject.lower())
    ticket, other = working[:2]
    by = actors.actor_for(ticket.assignee)
    if "sello" in ticket.subject.lower() and cast.desk.checklists.filter(slug=SEAL_STEPS, is_active=True).exists():
        checklist.add_list(ticket, by=by, now=now, template=SEAL_STEPS)
        for step in ChecklistItem.objects.filter(ticket=ticket).order_by("position")[:2]:
            checklist.tick(ticket, by=by, now=now, step=step.pk)
    timing.note_time(ticket, by=by, now=now, minutes=25, note="Revisé su XML y la configuración de la empresa.")
    linking.link(ticket, by=by, now=now, number=other.number)
    watching.follow(other, by=by, now=now)
    reminders.remind(ticket, by=by, now=now, due_at=now + timedelta(days=1), note="Confirmar que ya pudo timbrar")
