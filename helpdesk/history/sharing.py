"""Who was away and will be, and a client who asks for their executive: told by the same clock as the cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from clients import actors
from desks import queries as desk_queries
from desks.config import Member
from helpdesk.history.people import Cast
from helpdesk.history.player import Player, Step
from tickets import actions, lifecycle, links
from tickets.actions import absences
from tickets.models import Ticket

DAY: Final = timedelta(days=1)
# Days from now at which each begins and how many it lasts, why, and whether somebody stands in.
SCRIPTS: Final = ((-16, 3, "sick", False), (-5, 2, "training", True), (4, 7, "vacation", True))


def tell(cast: Cast, player: Player) -> None:
    """Three absences of the desk's consultants, and one client who asks for their executive."""
    config = desk_queries.config(cast.desk)
    people = sorted(config.with_role("consultant"), key=lambda member: member.email)
    for n, (begins, days, reason, stands_in) in enumerate(SCRIPTS):
        member, other = people[n % len(people)], people[(n + 1) % len(people)]
        midnight = (
            (player.now + begins * DAY).astimezone(config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        )
        entered = min(player.now - timedelta(hours=3), midnight - DAY)
        player.at(entered, _absence(cast, member, midnight, days, reason, other if stands_in else None))
    seller = next(iter(config.with_role("sales")), None)
    if seller is not None:
        client = cast.clients[0]
        client.account_executive_id = seller.user_id
        client.save(update_fields=["account_executive"])
        player.at(player.now - timedelta(minutes=24), lambda now: _ask(cast, now))


def _absence(cast: Cast, member: Member, starts_at: datetime, days: int, reason: str, other: Member | None) -> Step:
    def enter(now: datetime) -> None:
        absences.register(
            cast.desk,
            user_id=member.user_id,
            starts_at=starts_at,
            ends_at=starts_at + days * DAY,
            reason=reason,
            substitute_id=other.user_id if other and other.user_id != member.user_id else None,
            by=actors.actor_for(_user(member)),
            now=now,
        )

    return enter


def _user(member: Member) -> User:
    return User.objects.get(pk=member.user_id)


def _ask(cast: Cast, now: datetime) -> None:
    """The newest open case of the first company: its requester needs their executive too."""
    ticket = Ticket.objects.filter(client=cast.clients[0], status__in=sorted(lifecycle.OPEN)).order_by("-id").first()
    if ticket is not None:
        by = links.actor_of(Ticket.objects.with_people().get(pk=ticket.pk), ticket.requester_id)
        actions.ask_executive(
            ticket, by=by, now=now, reason="Queremos ver con nuestro ejecutivo la renovación de la póliza."
        )
