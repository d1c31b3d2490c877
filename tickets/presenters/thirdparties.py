"""The threads of third parties as the desk's people see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from core import localtime
from core.actor import Actor
from desks.config import DeskConfig
from tickets import lifecycle
from tickets.lifecycle import Status
from tickets.models import ThirdParty, Ticket
from tickets.presenters import thread as thread_presenter
from tickets.queries.case import Line

Row = dict[str, Any]
_TONES: Final = {"asked": "warn", "granted": "ok", "refused": "bad"}
_SHOWN: Final = 60


def threads(
    there: Sequence[ThirdParty],
    lines: Sequence[Line],
    ticket: Ticket,
    actor: Actor,
    config: DeskConfig,
    *,
    now: datetime,
    unsent: tuple[int, str, str] | None = None,
) -> list[Row]:
    """Each third party with its thread and what can be done, in the order in which they were proposed."""
    may = actor.supervises(ticket.desk_id) or ticket.assignee_id == actor.user_id
    rows = [_thread(third, _of(lines, third), ticket, config, may=may, now=now) for third in there]
    for row in rows:
        if unsent is not None and unsent[0] == row["id"]:
            row["typed"], row["fault"] = unsent[1:]
    return rows


def _of(lines: Sequence[Line], third: ThirdParty) -> list[Line]:
    return [line for line in lines if line.message.thread_id == third.pk]


def _thread(
    third: ThirdParty, lines: list[Line], ticket: Ticket, config: DeskConfig, *, may: bool, now: datetime
) -> Row:
    base = f"/tickets/{ticket.number}/proveedores/{third.pk}/"
    talking = ticket.status in lifecycle.OPEN or ticket.status == Status.RESOLVED
    asked = third.consent == ThirdParty.Consent.ASKED and third.removed_at is None
    by_phone = asked and may and not ticket.requester_email and ticket.is_open
    return {
        "id": third.pk,
        "name": third.name,
        "email": third.email,
        "state": _("taken out") if third.removed_at else str(third.get_consent_display()),
        "tone": "mute" if third.removed_at else _TONES[third.consent],
        "since": localtime.when(third.removed_at or third.answered_at or third.asked_at, config.zone, now),
        "thread": thread_presenter.thread(lines, [], ticket, config, now=now),
        "write_href": f"{base}escribir/" if third.is_in and talking else "",
        "write_label": _("Message to %s") % third.name,
        "typed": "",
        "fault": "",
        "remove_href": f"{base}retirar/" if third.removed_at is None else "",
        "grant_href": f"{base}autorizo/" if by_phone else "",
        "refuse_href": f"{base}nego/" if by_phone else "",
        "share_href": f"{base}mostrar/",
        "unshared": [_unshared(line) for line in lines if _may_share(line) and may and talking],
    }


def _may_share(line: Line) -> bool:
    message = line.message
    return not message.shared and not message.from_team and message.redacted_at is None


def _unshared(line: Line) -> Row:
    body = " ".join(line.message.body.split()) or ", ".join(file.name for file in line.files)
    short = body if len(body) <= _SHOWN else f"{body[: _SHOWN - 1]}…"
    return {"id": line.message.pk, "text": _("Show the client: “%(text)s”") % {"text": short}}
