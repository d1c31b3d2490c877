"""Who may change who is on call, and what must hold first: the rules of the desk above those of `schedules`.

A person enters a rota only after they acknowledged a test on a channel that wakes. Who stands in it by the desk's file
stays, and the screens warn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import localtime
from core.actor import MANAGER, Actor
from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from desks import rota_listeners, rota_queries
from desks.config import DeskConfig, Member
from desks.models import Desk
from notifications import outbox
from schedules import actions as schedule_actions
from schedules import queries as schedule_queries
from schedules.actions.rotas import LONGEST
from schedules.models import Override, Rota

TEMPLATE: Final = "desks/rota"
State = Override.State


# ------------------------------------------------------------------ shifts


@transaction.atomic
def take_over(desk: Desk, *, by: Actor, now: datetime) -> Override | None:
    """*Tomar la guardia ahora*: until the running shift ends. None where the person has it already."""
    rota, config = _rota(desk), desk_queries.config(desk)
    user_id = _attends(config, by)
    _must_wake(config, rota, [user_id], field="person")
    change = schedule_actions.take_over(rota, user_id=user_id, by=by, now=now)
    if change is not None:
        _saved(desk, change, config, by=by, now=now)
    return change


@transaction.atomic
def cover(
    desk: Desk, *, user_id: int, start_at: datetime, end_at: datetime, by: Actor, now: datetime, note: str = ""
) -> Override:
    """*Cubrir turno*: the person is on call in that window; oneself, or anybody where a manager says so.

    A shift that runs is covered from now on. Raises Forbidden, Invalid, Conflict.
    """
    rota, config = _rota(desk), desk_queries.config(desk)
    _for_whom(config, desk, user_id, by)
    _must_wake(config, rota, [user_id], field="person")
    start_at = max(start_at, now)
    before = schedule_queries.on_call(rota.pk, start_at)
    change = schedule_actions.change_shift(
        rota,
        user_id=user_id,
        start_at=start_at,
        end_at=end_at,
        by=by,
        now=now,
        replaces_id=before.user_id if before and before.user_id != user_id else None,
        note=note,
    )
    _saved(desk, change, config, by=by, now=now)
    return change


@transaction.atomic
def be_absent(
    desk: Desk, *, user_id: int, start_at: datetime, end_at: datetime, by: Actor, now: datetime, note: str = ""
) -> Override:
    """Take the person out of the rota for that window: oneself, or anybody where a manager says so."""
    rota, config = _rota(desk), desk_queries.config(desk)
    _for_whom(config, desk, user_id, by)
    change = schedule_actions.change_shift(
        rota,
        user_id=user_id,
        start_at=max(start_at, now),
        end_at=end_at,
        by=by,
        now=now,
        kind=Override.Kind.ABSENCE,
        note=note,
    )
    rota_listeners.saved(desk, now=now)
    return change


@transaction.atomic
def propose(
    desk: Desk, *, user_id: int, start_at: datetime, end_at: datetime, by: Actor, now: datetime, note: str = ""
) -> Override:
    """Ask somebody to take one's own shift in that window; nothing changes until they accept (and a manager approves).

    Raises Invalid where the asker is not on call in it, or asks themselves.
    """
    rota, config = _rota(desk), desk_queries.config(desk)
    mine = _attends(config, by)
    if user_id == mine:
        raise Invalid.field("person", "same_person", _("Choose another person."))
    if config.member(user_id) is None:
        raise Invalid.field("person", "unknown_person", _("Choose a person of this desk."))
    if start_at < end_at <= start_at + LONGEST and not _holds_some(rota, mine, max(start_at, now), end_at):
        raise Invalid.field("start_at", "not_yours", _("You are not on call in those hours."))
    _must_wake(config, rota, [user_id], field="person")
    change = schedule_actions.change_shift(
        rota,
        user_id=user_id,
        start_at=max(start_at, now),
        end_at=end_at,
        by=by,
        now=now,
        kind=Override.Kind.SWAP,
        replaces_id=mine,
        state=State.REQUESTED,
        note=note,
    )
    _tell(config, [config.member(user_id)], "asked", change, now=now)
    return change


def _holds_some(rota: Rota, user_id: int, start: datetime, end: datetime) -> bool:
    return end > start and any(one.user == user_id for one in schedule_queries.shifts(rota.pk, start, end))


# ------------------------------------------------------------------ changes that are to be agreed


def may(desk: Desk, change: Override, verb: str, by: Actor) -> bool:
    """Whether the person may use the verb on the change as it stands."""
    manages = by.has_role(desk.pk, MANAGER)
    match verb:
        case "accept":
            return change.state == State.REQUESTED and by.user_id == change.user_id
        case "approve":
            return change.state == State.ACCEPTED and manages
        case "reject":
            return (change.state == State.REQUESTED and by.user_id == change.user_id) or (
                change.state in rota_queries.PENDING and manages
            )
        case "withdraw":
            mine = by.user_id is not None and by.user_id in (change.replaces_id, change.user_id)
            return manages or (mine and (change.state != State.REQUESTED or by.user_id == change.replaces_id))
        case _:
            return False


@transaction.atomic
def settle(desk: Desk, change: Override, verb: str, *, by: Actor, now: datetime) -> Override:
    """Accept, approve, reject or withdraw a change.

    An accepted one holds at once where the desk has no manager, or who accepts is one. Raises Forbidden, Conflict.
    """
    config = desk_queries.config(desk)
    change = Override.objects.select_for_update().get(pk=change.pk)
    if not may(desk, change, verb, by):
        if verb in _ENDS and change.state == _ENDS[verb]:
            return change  # pressed twice
        raise Forbidden
    if verb in ("accept", "approve"):
        _must_wake(config, _rota(desk), [change.user_id], field="person")
    waits = verb == "accept" and config.managers and not by.has_role(desk.pk, MANAGER)
    state = State.ACCEPTED if waits else _STATES[verb]
    change = schedule_actions.settle(change, state=state, now=now)
    if state == State.ACCEPTED:
        _tell(config, config.managers, "approve", change, now=now)
    else:
        told = {"accept": "settled", "approve": "settled", "reject": "rejected", "withdraw": "withdrawn"}[verb]
        people = [config.member(user_id) for user_id in (change.user_id, change.replaces_id) if user_id != by.user_id]
        _tell(config, people, told, change, now=now)
        rota_listeners.saved(desk, now=now)
    return change


_STATES: Final[Mapping[str, str]] = {
    "accept": State.ACTIVE,
    "approve": State.ACTIVE,
    "reject": State.REJECTED,
    "withdraw": State.WITHDRAWN,
}
_ENDS: Final[Mapping[str, str]] = {
    "accept": State.ACCEPTED,
    "approve": State.ACTIVE,
    "reject": State.REJECTED,
    "withdraw": State.WITHDRAWN,
}


# ------------------------------------------------------------------ the rule


@transaction.atomic
def save_rule(
    desk: Desk,
    *,
    name: str,
    rule: Mapping[str, Any],
    by: Actor,
    now: datetime,
    base: int | None,
    valid_from: datetime | None = None,
) -> Rota:
    """Let another rule hold from now (or a later instant) on; what was stays as it was.

    `base` is the version that the form was drawn from: Conflict when another was saved since. Raises Invalid for
    people who cannot be woken and did not stand in the rota before.
    """
    if not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    rota, config = _rota(desk), desk_queries.config(desk)
    Rota.objects.select_for_update().get(pk=rota.pk)
    newest, _rule = rota_queries.newest_rule(rota.pk)
    if newest is not None and newest.pk != base:
        raise Conflict(_("Somebody else has changed the rota meanwhile."), code="changed_meanwhile")
    people = [member for layer in rule.get("layers", ()) for member in layer.get("members", ())]
    if any(config.member(user_id) is None for user_id in people):
        raise Invalid.field("layers", "unknown_person", _("The rota names somebody who is not of this desk."))
    _must_wake(config, rota, people, field="layers")
    rota = schedule_actions.save_rota(
        scope=rota.scope,
        slug=rota.slug,
        name=name,
        timezone=rota.timezone,
        rule=rule,
        by=by,
        now=now,
        valid_from=valid_from,
    )
    rota_listeners.saved(desk, now=now)
    return rota


# ------------------------------------------------------------------ guards


def _rota(desk: Desk) -> Rota:
    """The desk's rota. Raises Conflict where nobody is ever on call."""
    if desk.rota_id is None:
        raise Conflict(_("Nobody is on call at this desk."), code="no_rota")
    return Rota.objects.get(pk=desk.rota_id)


def _attends(config: DeskConfig, by: Actor) -> int:
    """The account of who acts, if they attend at the desk. Raises Forbidden."""
    member = config.attendant(by.user_id)
    if member is None:
        raise Forbidden
    return member.user_id


def _for_whom(config: DeskConfig, desk: Desk, user_id: int, by: Actor) -> None:
    """Let people speak for themselves, managers for anybody of the desk who attends. Raises Forbidden, Invalid."""
    if user_id != by.user_id and not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    if config.attendant(user_id) is None:
        raise Invalid.field("person", "unknown_person", _("Choose a person of this desk."))


def cannot_enter(rota_id: int, user_ids: Iterable[int]) -> list[int]:
    """Who of them may not enter: no tested channel that wakes, and not in the rule already. At most 2 queries."""
    wanted = list(dict.fromkeys(user_ids))
    asleep = set(wanted) - rota_queries.wakeable(wanted)
    if not asleep:
        return []
    _row, rule = rota_queries.newest_rule(rota_id)
    known = rule.people if rule else frozenset()
    return [user_id for user_id in wanted if user_id in asleep - known]


def _must_wake(config: DeskConfig, rota: Rota, user_ids: Iterable[int], *, field: str) -> None:
    refused = cannot_enter(rota.pk, user_ids)
    if refused:
        names = ", ".join(member.name for member in map(config.member, refused) if member)
        message = _(
            "%s has no channel that wakes with an acknowledged test: first add and test one in the own account."
        )
        raise Invalid.field(field, "no_wake_channel", str(message) % names)


# ------------------------------------------------------------------ telling


def _saved(desk: Desk, change: Override, config: DeskConfig, *, by: Actor, now: datetime) -> None:
    """Tell whoever is relieved, and whoever covers where another said so; then everybody who reckons with the rota."""
    people = [config.member(user_id) for user_id in (change.replaces_id, change.user_id) if user_id != by.user_id]
    _tell(config, people, "settled", change, now=now)
    rota_listeners.saved(desk, now=now)


def _tell(config: DeskConfig, people: Sequence[Member | None], code: str, change: Override, *, now: datetime) -> None:
    """Mail people about a change; `code` names `team.rota_<code>.subject|lines` of the catalogue."""
    names = {
        user_id: member.name for user_id in (change.user_id, change.replaces_id) if (member := config.member(user_id))
    }
    words = {
        "who": names.get(change.user_id, ""),
        "whom": names.get(change.replaces_id or 0, config.say("team.rota_nobody")),
        "start": localtime.exact(change.start_at, config.zone),
        "end": localtime.exact(change.end_at, config.zone),
    }
    for member in dict.fromkeys(person for person in people if person is not None):
        mail(
            config,
            member,
            code,
            key=f"rota/change/{change.pk}/{code}/{member.user_id}",
            now=now,
            words=words,
            quote=change.note,
        )


def mail(
    config: DeskConfig,
    member: Member,
    code: str,
    *,
    key: str,
    now: datetime,
    words: Mapping[str, str],
    quote: str = "",
    rows: Sequence[str] = (),
) -> None:
    """Put one mail about the rota, whole: sentences, rows, somebody's words, and where to look."""
    filled = {**words, "name": member.first_name, "desk": config.name}
    outbox.put(
        key=key,
        topic=f"rota/{config.desk_id}",
        recipient=member.email,
        template=TEMPLATE,
        now=now,
        desk_id=config.desk_id,
        from_name=config.name,
        params={
            "subject": config.say(f"team.rota_{code}.subject", **filled).strip(),
            "lines": [line for line in config.say(f"team.rota_{code}.lines", **filled).split("\n") if line.strip()],
            "rows": list(rows),
            "quote": quote,
            "button": config.say("team.rota_button"),
            "url": f"{settings.SITE_URL.rstrip('/')}/guardias/?mesa={config.slug}",
            "desk": config.name,
        },
    )
