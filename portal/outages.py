"""Outages as clients read them: on the desk's page, at home, on the form before sending, on a report that joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import localtime
from portal.desknow import Scene
from tickets import outages as rule
from tickets.models import Outage, Ticket
from tickets.queries import outages as queries

Row = dict[str, Any]


def active(scene: Scene) -> list[Outage]:
    """What clients of the desk are told now. 1 query, none where there is nothing."""
    return queries.active(scene.desk)


def notices(outages: Sequence[Outage], scene: Scene) -> list[Row]:
    """The notices as `components/_outages.html` prints them."""
    say = scene.config.say
    return [
        {
            "title": outage.title,
            "since": say("outage.since", at=localtime.when(outage.started_at, scene.config.zone, scene.now)),
            "text": outage.text,
            "contingency": outage.contingency,
        }
        for outage in outages
    ]


def choices(outages: Sequence[Outage], chosen: str, scene: Scene) -> list[Row]:
    """*¿Es esto lo que le pasa?*: each outage, and that it is something else."""
    say = scene.config.say
    yes = [
        {
            "value": str(outage.pk),
            "title": say("outage.yes"),
            "hint": outage.title,
            "checked": chosen == str(outage.pk),
            "disabled": False,
        }
        for outage in outages
    ]
    no = {
        "value": "",
        "title": say("outage.no"),
        "hint": say("outage.no_hint"),
        "checked": not chosen,
        "disabled": False,
    }
    return [*yes, no]


def concerns(outage: Outage, *, product: str, affects_operation: bool) -> bool:
    """Whether what was filled in can be of the outage."""
    return rule.concerns(outage.products, product=product, affects_operation=affects_operation)


def of_report(ticket: Ticket, scene: Scene) -> Row | None:
    """What the client of a report that joined reads. 1 query for such, none for others."""
    found = queries.of_ticket(ticket) if ticket.parent_id is not None else None
    if found is None:
        return None
    say = scene.config.say
    return {
        "title": say("outage.joined", title=found.title),
        "text": found.text,
        "contingency": found.contingency,
        "since": say("outage.joined_text"),
    }
