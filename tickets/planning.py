"""What would happen to a report: lane, person, priority, due instants, ladder, and why.

The pure rule is `schedules.routing`; here it is asked with a desk's rows. `open_ticket`, the call
`POST desks/{slug}/route/`, the form's side card and the simulator all go through `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from clients import queries as client_queries
from clients.models import Client
from core.actor import ROLES
from desks import queries as desk_queries
from desks.config import DeskConfig, Member, Target
from desks.models import Desk
from schedules import queries as schedule_queries
from schedules import rotas, routing
from schedules.businesstime import Hours
from schedules.rotas import Roster
from schedules.routing import Rung


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer of the routing rule, with the desk's people and promises looked up.

    `dues` maps clock kinds to UTC instants, `targets` to the promises behind them; `why` are
    codes with parameters, as the timeline keeps them.
    """

    lane: str
    open: bool
    affects_operation: bool
    on_call: Member | None
    starts_at: datetime
    priority: str
    dues: Mapping[str, datetime]
    targets: Mapping[str, Target]
    ladder: Sequence[Rung]
    why: Sequence[Mapping[str, Any]]


def plan(
    desk: Desk,
    *,
    request_type: str,
    affects_operation: bool,
    at: datetime,
    client: Client | None = None,
    deadline_at: datetime | None = None,
    draft: Hours | None = None,
) -> Plan:
    """Ask the rule about a request at an instant. At most 2 queries: the client's plan, who is on call.

    `draft` are hours that the desk might have instead of its own: who is on call outside them follows.
    """
    config = desk_queries.config(desk)
    targets = config.targets(_policy_of(client, desk, config, at))
    turn = _on_call(desk, config, at, draft)
    route = routing.route(
        routing.RouteQuestion(
            at=at,
            request_type=request_type,
            affects_operation=affects_operation,
            hours=draft or desk_queries.hours(desk, at),
            has_rota=config.has_rota,
            on_call=turn,
            deadline_at=deadline_at,
            table=config.routing_table,
            targets=targets,
            on_call_steps=config.on_call_steps,
            office_steps=config.office_steps,
            people=people(config),
        )
    )
    return Plan(
        lane=route.lane,
        open=route.open,
        affects_operation=route.affects_operation,
        on_call=config.member(route.on_call),
        starts_at=route.starts_at,
        priority=route.priority,
        dues=route.due,
        targets=targets.get(route.priority, {}),
        ladder=route.ladder,
        why=[{"code": reason.code, **reason.params} for reason in route.why],
    )


def _on_call(desk: Desk, config: DeskConfig, at: datetime, draft: Hours | None) -> int | None:
    if config.rota_id is None:
        return None
    turn = rotas.shift(roster(desk, config.rota_id, at, draft), at)
    return turn.user if turn else None


def roster(desk: Desk, rota_id: int, at: datetime, draft: Hours | None = None) -> Roster:
    """The desk's rota around an instant; with `draft` in the place of the desk's hours where it covers what they leave.

    3 queries, none when warm.
    """
    found = schedule_queries.roster(rota_id, at)
    if draft is None:
        return found
    own = desk_queries.hours(desk, at)
    versions = tuple(
        replace(version, office=draft) if version.office is not None and version.office.eras == own.eras else version
        for version in found.versions
    )
    return replace(found, versions=versions)


def people(config: DeskConfig) -> routing.People:
    """The desk's people as the rule knows them."""
    return routing.People(
        superiors={m.user_id: m.superior_user_id for m in config.members if m.superior_user_id is not None},
        managers=tuple(m.user_id for m in config.managers),
        everybody=tuple(m.user_id for m in config.members),
        roles={role: tuple(m.user_id for m in config.with_role(role)) for role in ROLES},
    )


def _policy_of(client: Client | None, desk: Desk, config: DeskConfig, at: datetime) -> int | None:
    """The policy of what the client bought; None is the desk's own."""
    if client is None:
        return None
    bought = client_queries.plan_of(client, desk, on=at.astimezone(config.zone).date())
    return bought.sla_policy_id if bought else None
