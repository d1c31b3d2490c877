"""`desks/{slug}/route/`: what would happen to a request; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clients import queries as client_queries
from clients import rfc
from clients.models import Client
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from desks.models import Desk
from schedules.routing import Rung
from tickets import planning, reasons
from tickets.api.base import FORBIDDEN, INVALID, UNKNOWN, TicketsView
from tickets.api.representation import in_zone
from tickets.api.serializers import RouteIn, RouteOut


class RouteView(TicketsView):
    """Ask the routing rule."""

    @extend_schema(
        summary="What would happen?",
        request=RouteIn,
        parameters=[OpenApiParameter("slug", str, OpenApiParameter.PATH)],
        responses={200: RouteOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Answer lane, person, instants and ladder of a request at an instant, and why; for the desk's people."""
        desk = Desk.objects.active().visible_to(self.actor).select_related("vendor").filter(slug=slug).first()
        if desk is None:
            raise Http404
        if not self.actor.has_role(desk.pk):
            raise Forbidden
        body = RouteIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(answer(desk, body.validated_data))


def answer(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """The routing rule's answer as the contract shows it. Raises Invalid for an RFC without its shape."""
    config = desk_queries.config(desk)
    plan = planning.plan(
        desk,
        request_type=asked["request_type"],
        affects_operation=asked["affects_operation"],
        at=asked["at"],
        client=_client(desk, asked["client_rfc"] or ""),
        deadline_at=asked["deadline"],
    )

    def at(value: datetime | None) -> str | None:
        return value.astimezone(config.zone).isoformat() if value else None

    return {
        "lane": plan.lane,
        "open": plan.open,
        "on_call": _person(plan.on_call),
        "starts_at": at(plan.starts_at),
        "priority": plan.priority,
        "first_response_due": at(plan.dues.get("first_response")),
        "resolution_due": at(plan.dues.get("resolution")),
        "ladder": [
            {
                "step": rung.step,
                "who": _person(member),
                "at": at(rung.at),
                "whom": rung.whom,
                "occurrence": rung.occurrence,
                "takes": rung.takes,
            }
            for rung in plan.ladder
            for member in _members(rung, config)
        ],
        "why": [_why(reason, config) for reason in plan.why],
        "call": _number_to_call(desk, asked["at"]),
    }


def _number_to_call(desk: Desk, at: datetime) -> dict[str, str] | None:
    first = desk_queries.contacts_now(desk, at).first
    return {"name": first.label, "address": first.address, "first_name": first.first_name} if first else None


def _client(desk: Desk, typed: str) -> Client | None:
    return client_queries.client_of_rfc(desk.vendor, rfc.check(typed).rfc) if typed.strip() else None


def _members(rung: Rung, config: DeskConfig) -> Iterator[Member | None]:
    """Each person told; one entry without a person where that depends on who will have the ticket."""
    if not rung.users:
        yield None
    for user_id in rung.users:
        yield config.member(user_id)


def _person(member: Member | None) -> dict[str, Any] | None:
    return {"id": member.user_id, "name": member.name, "kind": "user"} if member else None


def _why(reason: Any, config: DeskConfig) -> dict[str, Any]:
    return {
        "code": reason["code"],
        "params": in_zone({name: value for name, value in reason.items() if name != "code"}, config.zone),
        "text": reasons.why(reason, config),
    }
