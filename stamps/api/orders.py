"""Orders: placing one, reading one, and an address for each verb of the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actor import Actor
from stamps import actions, answers, queries
from stamps.actions import guards
from stamps.api.base import FORBIDDEN, INVALID, KEY, UNKNOWN, StampsView, problem
from stamps.api.serializers import CompleteIn, OrderIn, OrderOut, OrderReasonIn, PayIn, QuoteIn
from stamps.models import StampOrder
from tickets.api.serializers import NothingIn

Body = type[serializers.Serializer[dict[str, Any]]]
Guard = Callable[[StampOrder, Actor], None]

NUMBER: Final = OpenApiParameter("order", str, OpenApiParameter.PATH, description="`TIM-318`")
DESK: Final = OpenApiParameter("desk", str, description="Slug; needed by who sees orders of that number at two desks.")
CONFLICT: Final = problem(
    "`transition_not_allowed` with `state`; `payment_used`; `ambiguous_account`; `product_needed`; `ambiguous_order`."
)


class OrderView(StampsView):
    """A view of one order."""

    def order(self, request: Request, number: str) -> StampOrder:
        """The order of that number. Raises Http404 where the actor sees none. 1 query."""
        found = queries.the_order(self.actor, number, request.query_params.get("desk", ""))
        if found is None:
            raise Http404
        return found

    def answer(self, order: StampOrder, **response: Any) -> Response:
        """The order as it stands, whoever may still see it."""
        rows = StampOrder.objects.select_related("desk__vendor", "product", "assignee")
        return Response(answers.order_json(rows.get(pk=order.pk)), **response)


class OrderList(OrderView):
    """`stamps/orders/`."""

    @extend_schema(
        summary="Order stamps",
        request=OrderIn,
        parameters=[KEY],
        responses={201: OrderOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Place an order; for clients and for the desk's people. Urgent where fewer than two business days are left."""
        body = OrderIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        person = values.get("contact") or {}
        wish = actions.Request(
            quantity=values["quantity"],
            rfc=values["rfc"],
            account_rfc=values["account_rfc"] or "",
            trade_name=values["trade_name"],
            product=values["product"] or "",
            name=person.get("name", ""),
            email=person.get("email") or "",
            phone=person.get("phone") or "",
        )
        order = actions.place(self.desk(values["desk"]), wish, by=self.actor, now=self.now)
        return self.answer(order, status=201, headers={"Location": f"/api/v1/stamps/orders/{order.number}/"})


class OrderDetail(OrderView):
    """`stamps/orders/{number}/`."""

    @extend_schema(
        summary="Read an order of stamps",
        parameters=[NUMBER, DESK],
        responses={200: OrderOut, 404: UNKNOWN, 409: CONFLICT},
    )
    def get(self, request: Request, order: str) -> Response:
        """Answer the order with its payments and its timeline."""
        return Response(answers.order_json(self.order(request, order)))


class VerbView(OrderView):
    """Use a verb on an order that the caller can see."""

    act: Callable[..., StampOrder]
    guard: Guard
    body: Body

    def use(self, request: Request, number: str) -> Response:
        """Refuse who may not before reading the body; then act and answer the order."""
        order = self.order(request, number)
        type(self).guard(order, self.actor)
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        values = {_ARGUMENTS.get(name, name): value for name, value in body.validated_data.items()}
        if "product" in values:
            values["product"] = values["product"] or ""
        return self.answer(type(self).act(order, by=self.actor, now=self.now, **values))


_ARGUMENTS: Final = {"date": "paid_on"}
VERBS: Final[dict[str, tuple[Callable[..., StampOrder], Guard, Body]]] = {
    "quote": (actions.quote, guards.sales, QuoteIn),
    "pay": (actions.pay, guards.sales, PayIn),
    "request-access": (actions.request_access, guards.consultant, NothingIn),
    "receive-access": (actions.receive_access, guards.anybody_concerned, NothingIn),
    "complete": (actions.complete, guards.consultant, CompleteIn),
    "cancel": (actions.cancel, guards.sales_or_client, OrderReasonIn),
}


def _view(slug: str) -> type[VerbView]:
    """A view of its own for each verb, so that the OpenAPI document shows its body."""
    act, guard, body = VERBS[slug]
    described = extend_schema(
        operation_id=f"stamp_orders_{slug.replace('-', '_')}",
        summary=f"Verb {slug}",
        description=" ".join((act.__doc__ or "").split()),
        request=None if body is NothingIn else body,
        parameters=[NUMBER, DESK, KEY],
        responses={200: OrderOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )

    def post(self: VerbView, request: Request, order: str) -> Response:
        return self.use(request, order)

    name = "".join(part.title() for part in slug.split("-"))
    members = {"act": staticmethod(act), "guard": staticmethod(guard), "body": body, "post": described(post)}
    return type(f"Order{name}View", (VerbView,), members)


urlpatterns: list[URLPattern] = [
    path(f"stamps/orders/<str:order>/{slug}/", _view(slug).as_view(), name=f"api-stamp-order-{slug}") for slug in VERBS
]
