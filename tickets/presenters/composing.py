"""The box to write in on the page of a ticket (templates/tickets/_composer.html)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from tickets import forms, lifecycle
from tickets.models import Ticket
from tickets.verbs import VERBS


def composer(ticket: Ticket, actor: Actor, reply: forms.ReplyForm | None) -> dict[str, Any] | None:
    """The box to write in, with the form that came back; none once the ticket is over, save to keep what was typed."""
    if ticket.status in lifecycle.ENDED and reply is None:
        return None
    first_name = ticket.requester_name.split(" ", 1)[0]
    return {
        "href": f"/tickets/{ticket.number}/responder/",
        "form": reply or _blank(ticket, actor),
        "to": _("To %s") % (ticket.requester_email or _("be told by telephone")),
        "reply_text": _("Reply to %s") % first_name,
    }


def after_choices(ticket: Ticket, actor: Actor) -> list[tuple[str, str]]:
    """What may happen right after sending."""
    choices = []
    if VERBS["wait"].offered(ticket, actor):
        choices.append((forms.ReplyForm.WAIT, _("Send and wait for the client")))
    if VERBS["resolve"].offered(ticket, actor):
        choices.append((forms.ReplyForm.RESOLVE, _("Send as the solution")))
    return choices


def _blank(ticket: Ticket, actor: Actor) -> forms.ReplyForm:
    return forms.ReplyForm(
        initial={"version": f"{ticket.version}-{ticket.last_seq}", "after": forms.ReplyForm.STAY},
        after=after_choices(ticket, actor),
    )
