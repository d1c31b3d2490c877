"""An outage and its reports as the desk's people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import localtime
from core.actor import Actor
from core.templatetags.hd import STATUS
from desks import queries as desk_queries
from desks.config import DeskConfig
from tickets.models import Outage, Ticket
from tickets.verbs import VERBS


def row(outage: Outage, *, now: datetime) -> dict[str, Any]:
    """A line of the list. `n_reports` and `n_open` come with the query."""
    config = desk_queries.config(outage.desk)
    n, n_open = outage.n_reports, outage.n_open  # type: ignore[attr-defined]  # annotated by the query
    return {
        "href": f"/caidas/{outage.pk}/",
        "title": outage.title,
        "desk": outage.desk.name,
        "is_active": outage.ended_at is None,
        "since": localtime.when(outage.started_at, config.zone, now),
        "until": localtime.when(outage.ended_at, config.zone, now) if outage.ended_at else "",
        "took": localtime.minutes_label(((outage.ended_at or now) - outage.started_at).total_seconds() / 60),
        "reports": ngettext("%(n)d report joined", "%(n)d reports joined", n) % {"n": n},
        "n_open": n_open,
        "parent": {"number": outage.parent.number, "href": f"/tickets/{outage.parent.number}/"},
        "assignee": outage.parent.assignee.name if outage.parent.assignee else "",
    }


def full(outage: Outage, *, now: datetime) -> dict[str, Any]:
    """The page of one."""
    config = desk_queries.config(outage.desk)
    return {
        **row(outage, now=now),
        "text": outage.text,
        "contingency": outage.contingency,
        "products": products(outage, config),
        "declared": _by(_("declared %(when)s by %(name)s"), outage.declared_at, outage.declared_by, config, now),
        "ended": _by(_("ended %(when)s by %(name)s"), outage.ended_at, outage.ended_by, config, now),
    }


def products(outage: Outage, config: DeskConfig) -> str:
    """The programs that it is about, by name."""
    names = [product.name for product in config.products if product.slug in outage.products]
    return ", ".join(names) or _("all products")


def _by(template: str, at: datetime | None, person: Any, config: DeskConfig, now: datetime) -> str:
    if at is None:
        return ""
    return template % {"when": localtime.when(at, config.zone, now), "name": person.name if person else _("the system")}


def report(ticket: Ticket, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """A report that joined, with the way out of the heap."""
    config = desk_queries.config(ticket.desk)
    href = f"/tickets/{ticket.number}/"
    return {
        "number": ticket.number,
        "href": href,
        "subject": ticket.subject,
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "status": ticket.status,
        "status_text": _(STATUS[ticket.status][1]),
        "opened": localtime.when(ticket.opened_at, config.zone, now),
        "leave_href": f"{href}leave/" if VERBS["leave"].offered(ticket, actor) else "",
    }


def notice(outage: Outage, ticket: Ticket) -> dict[str, Any]:
    """What stands on the page of a ticket that belongs to an outage, or leads it."""
    if ticket.parent_id is not None:
        text = _("It is answered and solved with the outage “%s”.") % outage.title
    else:
        text = _("Reports of “%s” are gathered under this ticket: what you write here reaches each client.")
        text %= outage.title
    tone = "warn" if outage.ended_at is None else "mute"
    return {
        "tone": tone,
        "icon": "bolt",
        "title": _("Outage."),
        "text": text,
        "href": f"/caidas/{outage.pk}/",
        "action": _("See it"),
        "post": False,
    }
