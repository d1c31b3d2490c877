"""Telling people: the client in the desk's words, the team in its own.

Each step that concerns the client reaches them by one notice; without e-mail it becomes a task
for whoever has the ticket. Sentences are resolved here and stored whole in the notice, so that
sending reads nothing else and a repetition says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import translation
from django.utils.functional import Promise

from accounts.models import User
from core import localtime, privacy, wording
from core.rows import Rows
from desks import queries as desk_queries
from desks.config import NOTICES, DeskConfig, Member
from notifications import outbox
from notifications.models import Channel, WakeChannel
from tickets import links, thirdlinks
from tickets.models import Clock, ClockKind, TellTask, ThirdParty, Ticket

LANGUAGE: Final = "es-mx"
CLIENT_TEMPLATE: Final = "tickets/client"
VAULT_TEMPLATE: Final = "tickets/vault"
# The promises that a client is told of, the nearest to them first.
_NEXT: Final = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
TEAM_TEMPLATE: Final = "tickets/team"
LADDER_TEMPLATE: Final = "tickets/ladder"


def client(
    ticket: Ticket,
    code: str,
    *,
    key: str,
    now: datetime,
    not_before: datetime | None = None,
    quote: str = "",
    call_first: Mapping[str, str] | None = None,
    url: str = "",
    recipient: str = "",
    template: str = CLIENT_TEMPLATE,
    calendar: Mapping[str, str] | None = None,
    rows: Rows | None = None,
    **params: object,
) -> None:
    """Tell the requester of one step: by mail, or by a task for the assignee where there is no mail.

    Nobody where the case is our own.
    `code` names the sentences `mail.<code>.subject|heading|lines` of the wording catalogue; `quote`
    is what somebody wrote to them; `call_first` the number that comes first outside office hours; `url`
    where the button leads when that is not the ticket, with words of its own (`mail.<code>.button`);
    `calendar` an invitation to attach: {"method", "text"}. With `rows` the notice is written with them.
    """
    if ticket.ours:
        return
    config = desk_queries.config(ticket.desk)
    sentences = _sentences(ticket, config, code, now, params)
    if template == VAULT_TEMPLATE:
        sentences["button"] = wording.say(f"mail.{code}.button", trato=config.trato, overrides=config.wording)
    if not (recipient or ticket.requester_email):
        TellTask.objects.get_or_create(
            key=key,
            defaults={
                "ticket": ticket,
                "code": code,
                "text": "\n".join([sentences["heading"], *sentences["lines"], quote]).strip(),
                "created_at": now,
                "not_before": not_before,
            },
        )
        return
    outbox.put(
        key=key,
        rows=rows,
        topic=f"ticket/{ticket.pk}",
        recipient=recipient or ticket.requester_email,
        template=template,
        now=now,
        desk_id=ticket.desk_id,
        not_before=not_before,
        from_name=ticket.desk.name,
        thread=f"ticket/{ticket.number}",
        params={
            **sentences,
            "number": ticket.number,
            "ticket_subject": ticket.subject,
            "quote": quote,
            "call_first": dict(call_first) if call_first else None,
            "url": url or links.url(ticket),
            "desk": ticket.desk.name,
            "trato": config.trato,
            "footer": _footer(ticket, now),
            **({"calendar": dict(calendar)} if calendar else {}),
        },
    )


def _sentences(
    ticket: Ticket, config: DeskConfig, code: str, now: datetime, params: Mapping[str, object]
) -> dict[str, Any]:
    filled = {
        "number": ticket.number,
        "subject": privacy.without_rfc(ticket.subject),
        "name": ticket.requester_name,
        "desk": ticket.desk.name,
        **{name: _as_text(value, config, now) for name, value in params.items()},
    }

    def say(part: str) -> str:
        return wording.say(f"mail.{code}.{part}", trato=config.trato, overrides=config.wording, **filled).strip()

    return {
        "subject": say("subject"),
        "heading": say("heading"),
        "lines": [line for line in say("lines").split("\n") if line.strip()],
        "button": wording.say("mail.button", trato=config.trato, overrides=config.wording),
        "reply_hint": wording.say("mail.reply_hint", trato=config.trato, overrides=config.wording),
    }


def third_party(ticket: Ticket, third: ThirdParty, code: str, *, key: str, now: datetime, quote: str) -> None:
    """Write to somebody outside: the desk, the number and the question, nothing else of the ticket."""
    config = desk_queries.config(ticket.desk)
    sentences = _sentences(ticket, config, code, now, {"third": third.name})
    outbox.put(
        key=key,
        topic=f"third/{third.pk}",
        recipient=third.email,
        template=CLIENT_TEMPLATE,
        now=now,
        desk_id=ticket.desk_id,
        from_name=ticket.desk.name,
        thread=f"third/{third.pk}",
        params={
            **sentences,
            "button": config.say("mail.third_button"),
            "reply_hint": config.say("mail.third_hint"),
            "number": ticket.number,
            "ticket_subject": "",
            "quote": quote,
            "call_first": None,
            "url": thirdlinks.url(third),
            "desk": ticket.desk.name,
            "trato": config.trato,
            "footer": _footer(ticket, now),
        },
    )


def what_next(ticket: Ticket, *, now: datetime) -> str:
    """What the client hears or sees next and by when, as a sentence; "" where no clock says so. 1 query."""
    running = Clock.objects.filter(ticket=ticket, stopped_at__isnull=True, due_at__isnull=False)
    due = dict(running.values_list("kind", "due_at"))
    for kind in _NEXT:
        if (at := due.get(kind)) is not None:
            return line(ticket, kind, at, now=now)
    return ""


def line(ticket: Ticket, kind: str, at: datetime | None, *, now: datetime) -> str:
    """The sentence of a promise: `Le respondemos a más tardar el …`; one that is broken says so. "" without an hour."""
    if at is None:
        return ""
    return sentence(ticket, f"mail.next_{kind}" if at > now else "mail.next_late", now=now, at=at)


def sentence(ticket: Ticket, key: str, *, now: datetime, **params: object) -> str:
    """A sentence of the desk's wording, as the client's mails say it."""
    config = desk_queries.config(ticket.desk)
    return config.say(key, **{name: _as_text(value, config, now) for name, value in params.items()})


def _as_text(value: object, config: DeskConfig, now: datetime) -> object:
    """Instants with their day, since a mail is read on another; labels in Spanish, whatever the caller speaks."""
    if isinstance(value, datetime):
        return localtime.exact(value, config.zone)
    if isinstance(value, Promise):
        with translation.override(LANGUAGE):
            return str(value)
    return value


def _footer(ticket: Ticket, now: datetime) -> list[dict[str, str]]:
    """The telephones and addresses that hold at the minute of the mail, the number to call first."""
    return [
        {"label": contact.label, "address": contact.address, "kind": contact.kind}
        for contact in desk_queries.contacts_now(ticket.desk, now).contacts
        if contact.kind in ("phone", "email")
    ]


def team(
    ticket: Ticket,
    user_ids: Sequence[int],
    code: str,
    *,
    key: str,
    now: datetime,
    rows: Rows | None = None,
    **params: object,
) -> None:
    """Tell people of the desk by mail, with `rows` if given. `code` names `team.<code>.subject|lines`."""
    config = desk_queries.config(ticket.desk)
    for member in _members(config, user_ids):
        outbox.put(**_team_mail(ticket, config, member, code, f"{key}/{member.user_id}", now, params), rows=rows)


def account(ticket: Ticket, user: User, code: str, *, key: str, now: datetime, **params: object) -> None:
    """Tell somebody by mail as `team` does, who need not be of the desk: who administers the installation."""
    config = desk_queries.config(ticket.desk)
    reader = _Reader(user.pk, user.email, user.get_short_name())
    outbox.put(**_team_mail(ticket, config, reader, code, f"{key}/{user.pk}", now, params))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a mail to the team needs to know of who reads it."""

    user_id: int
    email: str
    first_name: str


def _team_mail(
    ticket: Ticket,
    config: DeskConfig,
    member: Member | _Reader,
    code: str,
    key: str,
    now: datetime,
    params: Mapping[str, object],
) -> dict[str, Any]:
    filled = {
        "number": ticket.number,
        "subject": privacy.without_rfc(ticket.subject),
        "client": ticket.client.name if ticket.client else ticket.requester_name,
        "name": member.first_name,
        **{name: _as_text(value, config, now) for name, value in params.items()},
    }

    def say(part: str) -> str:
        return wording.say(f"team.{code}.{part}", trato=config.trato, overrides=config.wording, **filled).strip()

    return {
        "key": key,
        "topic": f"ticket/{ticket.pk}",
        "recipient": member.email,
        "template": TEAM_TEMPLATE,
        "now": now,
        "desk_id": ticket.desk_id,
        "from_name": ticket.desk.name,
        "thread": f"ticket/{ticket.number}",
        "params": {
            "subject": say("subject"),
            "lines": [line for line in say("lines").split("\n") if line.strip()],
            "number": ticket.number,
            "priority": ticket.priority,
            "url": links.staff_url(ticket),
            "desk": ticket.desk.name,
        },
    }


def _whom_to_call(ticket: Ticket, config: DeskConfig) -> list[str]:
    """Who reports and their telephone, so that whoever is woken can call at once; nothing where there is none."""
    if not ticket.requester_phone:
        return []
    phone = ticket.requester_phone.as_national
    words = {"who": ticket.requester_name, "phone": phone}
    return [wording.say("team.ladder_phone", trato=config.trato, overrides=config.wording, **words)]


def wake(
    ticket: Ticket,
    user_ids: Sequence[int],
    code: str,
    *,
    key: str,
    now: datetime,
    ways: Sequence[str] = NOTICES,
    **params: object,
) -> None:
    """Tell people at once, by mail and on every channel of theirs that was shown to wake them.

    `ways` are those that the desk wants of the two; who has no channel that wakes is told by mail
    in any case. The spoken text names folio, priority and what happens; never an RFC
    (architecture, section 6).
    """
    config = desk_queries.config(ticket.desk)
    members = _members(config, user_ids)
    phones: dict[int, list[str]] = {}
    for user_id, address in WakeChannel.objects.filter(
        user_id__in=[member.user_id for member in members], acknowledged_at__isnull=False
    ).values_list("user_id", "address"):
        phones.setdefault(user_id, []).append(address)
    for member in members:
        mail = _team_mail(ticket, config, member, code, f"{key}/{member.user_id}/email", now, params)
        addresses = phones.get(member.user_id, []) if "wake" in ways else []
        if "mail" in ways or not addresses:
            written = {**mail["params"], "lines": [*mail["params"]["lines"], *_whom_to_call(ticket, config)]}
            outbox.put(**{**mail, "template": LADDER_TEMPLATE, "params": written})
        for address in addresses:
            outbox.put(
                key=f"{key}/{member.user_id}/wake/{address}",
                topic=f"ticket/{ticket.pk}",
                channel=Channel.WEBHOOK,
                recipient=address,
                template=LADDER_TEMPLATE,
                now=now,
                desk_id=ticket.desk_id,
                wakes=True,
                params={**mail["params"], "name": member.first_name, "key": key},
            )


def _members(config: DeskConfig, user_ids: Sequence[int]) -> list[Member]:
    found = (config.member(user_id) for user_id in dict.fromkeys(user_ids))
    return [member for member in found if member is not None]


def number_to_call(ticket: Ticket, now: datetime) -> dict[str, str] | None:
    """The number that comes first at this minute, as mails show it; None where the desk has no phone now."""
    first = desk_queries.contacts_now(ticket.desk, now).first
    if first is None:
        return None
    return {"label": first.label, "address": first.address, "href": first.href, "first_name": first.first_name}


def decent_hour(ticket: Ticket, now: datetime) -> datetime | None:
    """The first instant from `now` at which a client may be told what can wait; None when that is now.

    Nobody reads at three in the morning that their call was solved (desk policy, 08:00).
    """
    zone = desk_queries.config(ticket.desk).zone
    local = now.astimezone(zone)
    opens = datetime.combine(local.date(), ticket.desk.tell_clients_from, tzinfo=zone)
    return opens.astimezone(UTC) if local < opens else None
