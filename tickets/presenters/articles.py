"""The article of a ticket on its page: made with one click, or looked at."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from tickets import lifecycle
from tickets.models import Ticket


def buttons(ticket: Ticket, actor: Actor) -> list[dict[str, Any]]:
    """*Crear artículo* on what is settled; *Ver artículo* once there is one. 0 queries."""
    if not actor.works_tickets(ticket.desk_id):
        return []
    if ticket.article_id is not None:
        return [_button(f"/conocimiento/{ticket.article_id}/", _("See the article"), post=False)]
    if ticket.status in lifecycle.SETTLED:
        return [_button(f"/tickets/{ticket.number}/articulo/", _("Make an article"), post=True)]
    return []


def _button(href: str, text: str, *, post: bool) -> dict[str, Any]:
    return {
        "href": href,
        "text": text,
        "icon": "doc",
        "kind": "",
        "key": "",
        "dialog": False,
        "verb": "article",
        "post": post,
    }
