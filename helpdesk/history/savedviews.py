"""Views of the queue that people keep: two that a desk shares, and one of a consultant's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from clients.actors import actor_for
from core.actor import CONSULTANT, SUPERVISOR
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from tickets.actions.savedviews import keep_view

SHARED: Final = (
    ("Sin dueño, por prioridad", {"vista": "todos", "asignado": "nadie", "orden": "prioridad"}),
    ("Por teléfono", {"vista": "todos", "canal": "phone"}),
)
OWN: Final = ("Lo mío que espera al cliente", {"vista": "mios", "estado": "waiting_client"})


def tell(cast: Cast, player: Player) -> None:
    """Keep them a month ago, where the desk has somebody who supervises, and consultants."""
    now = player.now - timedelta(days=30)
    held = cast.desk.memberships.filter(is_active=True).select_related("user").order_by("id")
    above = next((row.user for row in held if SUPERVISOR in row.roles), None)
    consultant = next((row.user for row in held if CONSULTANT in row.roles), None)
    if above is not None:
        for name, params in SHARED:
            keep_view(by=actor_for(above), now=now, name=name, params=params, desk_id=cast.desk.pk)
    if consultant is not None:
        keep_view(by=actor_for(consultant), now=now, name=OWN[0], params=OWN[1])
