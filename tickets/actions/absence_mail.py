"""The mails of an absence: the person, their superior and who stands in, in the manner of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings

from core import localtime
from core.actor import Actor
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from desks.models import Absence
from notifications import outbox

TEMPLATE: Final = "desks/rota"


def concerned(absence: Absence, code: str, *, by: Actor, now: datetime, n: int = 0) -> None:
    """Tell the person, their superior and their substitute, but for who did it. `n`: how many tickets move.

    `code` names `team.absence_<code>.subject|lines` of the catalogue. The reason is not told: it is theirs.
    """
    config = desk_queries.config(absence.desk)
    people = (
        config.member(absence.user_id),
        config.superior_of(absence.user_id),
        config.member(absence.substitute_id),
    )
    for member in dict.fromkeys(person for person in people if person is not None):
        if member.user_id != by.user_id:
            _mail(config, absence, member, code, now=now, n=n)


def _mail(config: DeskConfig, absence: Absence, member: Member, code: str, *, now: datetime, n: int) -> None:
    who, substitute = config.member(absence.user_id), config.member(absence.substitute_id)
    filled = {
        "name": member.first_name,
        "desk": config.name,
        "who": who.name if who else "",
        "start": localtime.exact(absence.starts_at, config.zone),
        "end": localtime.exact(absence.ends_at, config.zone),
        "substitute": substitute.name if substitute else config.say("team.absence_by_rules"),
        "n": config.say("team.absence_one" if n == 1 else "team.absence_many", n=n),
    }
    outbox.put(
        key=f"absence/{absence.pk}/{code}/{member.user_id}/{now:%Y%m%dT%H%M%S%fZ}",
        topic=f"absence/{absence.desk_id}",
        recipient=member.email,
        template=TEMPLATE,
        now=now,
        desk_id=config.desk_id,
        from_name=config.name,
        params={
            "subject": config.say(f"team.absence_{code}.subject", **filled).strip(),
            "lines": [line for line in config.say(f"team.absence_{code}.lines", **filled).split("\n") if line.strip()],
            "rows": [],
            "quote": "",
            "button": config.say("team.absence_button"),
            "url": f"{settings.SITE_URL.rstrip('/')}/ajustes/ausencias/{absence.pk}/",
            "desk": config.name,
        },
    )
