"""Macros of a desk, a canned answer of one's own, how often each was used, and one that was run this morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from clients import actors
from core.actor import Actor
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from helpdesk.history.people import Cast
from helpdesk.history.player import Player
from tickets.actions import canned, macros
from tickets.lifecycle import Status
from tickets.models import CannedAnswer, Macro, Ticket

# How often the desk's answers were used, the first in its file most.
USES: Final = (64, 51, 38, 22, 17, 9)
NOTE: Final = "Pedí a {{empresa}} lo que falta con la plantilla; si no responde en dos días hábiles, llamarle."


def tell(cast: Cast, player: Player) -> None:
    """What was written at the beginning, and one macro run on an open ticket."""
    config = desk_queries.config(cast.desk)
    player.at(player.now - timedelta(days=90), lambda now: _write(cast, config, now))
    player.at(player.now - timedelta(minutes=95), lambda now: _run(cast, now))


def _actor(member: Member) -> Actor:
    return actors.actor_for(User.objects.get(pk=member.user_id))


def _write(cast: Cast, config: DeskConfig, now: datetime) -> None:
    above = _actor(next(iter([*config.with_role("supervisor"), *config.managers])))
    answers = list(CannedAnswer.objects.filter(desk=cast.desk, owner=None, is_active=True).order_by("pk"))
    for answer, n in zip(answers, USES, strict=False):
        CannedAnswer.objects.filter(pk=answer.pk).update(n_used=n)
    by_name = {answer.shortcut: answer for answer in answers}
    drafts = (
        macros.Draft("Tomar y etiquetar como timbrado", digit=1, takes=True, tags=["Timbrado"]),
        macros.Draft("CFDI40147: tomar y dejar la respuesta lista", digit=2, takes=True, tags=["Timbrado"],
                     answer_id=by_name["cfdi40147"].pk, after="compose"),
        macros.Draft("Complemento de pago: explicar y esperar", digit=3, takes=True, note=NOTE,
                     answer_id=by_name["complemento-pago"].pk, after="wait"),
    )  # fmt: skip
    for draft in drafts:
        macros.create(cast.desk, draft, own=False, by=above, now=now)
    consultant = _actor(sorted(config.with_role("consultant"), key=lambda member: member.email)[0])
    thanks = canned.Draft(
        title="Agradecer y cerrar",
        shortcut="gracias",
        body="{{saludo}}, {{cliente.primer_nombre}}:\n\nGracias por confirmar; el {{ticket.numero}} queda resuelto.",
    )
    canned.create(cast.desk, thanks, own=True, by=consultant, now=now)


def _run(cast: Cast, now: datetime) -> None:
    """The first macro, by whoever has the oldest ticket that is being worked on."""
    macro = Macro.objects.filter(desk=cast.desk, digit=1).select_related("answer").first()
    working = Ticket.objects.filter(desk=cast.desk, status=Status.IN_PROGRESS, assignee__isnull=False)
    ticket = working.select_related("desk__vendor", "client", "assignee", "product").order_by("pk").first()
    if macro is not None and ticket is not None and ticket.assignee is not None:
        macros.run(ticket, macro, by=actors.actor_for(ticket.assignee), now=now, version=ticket.version)
