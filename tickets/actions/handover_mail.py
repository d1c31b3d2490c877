"""The mails of a hand-over: plain sentences of the catalogue, and where to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from desks.config import DeskConfig, Member
from notifications import outbox

TEMPLATE: Final = "tickets/handover"


def side_name(config: DeskConfig, user_id: int | None, *, office: bool) -> str:
    """`la oficina`, the name of the person, or that nobody is."""
    if office:
        return config.say("team.handover_office")
    member = config.member(user_id)
    return member.name if member else config.say("team.handover_nobody")


def mail(
    config: DeskConfig,
    member: Member,
    code: str,
    *,
    key: str,
    now: datetime,
    words: Mapping[str, str],
    cases: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Put one mail of the hand-over, whole: sentences, the cases it is about, and where to answer."""
    tell(
        config,
        member,
        f"team.handover_{code}",
        key=key,
        topic=f"handover/{config.desk_id}",
        now=now,
        words=words,
        cases=cases,
        button=config.say("team.handover_button"),
        url=f"{settings.SITE_URL.rstrip('/')}/entrega/?mesa={config.slug}",
    )


def tell(
    config: DeskConfig,
    member: Member,
    sentences: str,
    *,
    key: str,
    topic: str,
    now: datetime,
    words: Mapping[str, str],
    button: str,
    url: str,
    cases: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Put one mail to a person of the desk: `<sentences>.subject|lines` of the catalogue, and a button."""
    filled = {**words, "name": member.first_name, "desk": config.name}
    outbox.put(
        key=key,
        topic=topic,
        recipient=member.email,
        template=TEMPLATE,
        now=now,
        desk_id=config.desk_id,
        from_name=config.name,
        params={
            "subject": config.say(f"{sentences}.subject", **filled).strip(),
            "lines": [line for line in config.say(f"{sentences}.lines", **filled).split("\n") if line.strip()],
            "cases": [dict(case) for case in cases],
            "button": button,
            "url": url,
            "desk": config.name,
        },
    )
