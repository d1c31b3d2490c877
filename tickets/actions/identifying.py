"""Saying whose ticket it is: an RFC typed by a stranger only proposed it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from clients.models import Client
from core.actor import Actor
from core.errors import Invalid, TransitionNotAllowed
from tickets import lifecycle
from tickets.actions import guards, lanes, recognising, record, searching
from tickets.models import Ticket


def identify(ticket: Ticket, *, by: Actor, now: datetime, client: int) -> Ticket:
    """Put the ticket under a client of the vendor; from then on that company's people may read it."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        if fresh.status in lifecycle.ENDED:
            raise TransitionNotAllowed(state=fresh.status)
        found = Client.objects.filter(pk=client, vendor_id=fresh.desk.vendor_id, is_active=True).first()
        if found is None:
            raise Invalid.field("client", "unknown_client", _("Choose a client of this company."))
        fresh.client, fresh.proposed_client = found, None
        searching.belong(fresh)
        recognising.keep_earlier_seals(fresh, now=now)
        record.record(fresh, "client_identified", by=by, now=now, client=found.pk)
        lanes.restate(fresh, by=by, now=now, cause="plan")  # what the company bought may promise other times
    return fresh
