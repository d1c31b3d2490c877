"""What the views of stamps share: the actor, the moment, the desk that is named, the visible account."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.idempotency import Idempotent
from clients import actors
from clients import rfc as rfc_rules
from core.actor import Actor
from core.errors import Invalid
from desks import queries as desk_queries
from desks.models import Desk, Product
from stamps import queries
from stamps.models import StampAccount
from tickets.api.base import FORBIDDEN, INVALID, KEY, UNKNOWN, problem

__all__ = ["CONFLICT", "FORBIDDEN", "INVALID", "KEY", "RFC", "UNKNOWN", "WHICH", "StampsView", "problem", "product_of"]

RFC: Final = OpenApiParameter("rfc", str, OpenApiParameter.PATH)
WHICH: Final = [
    OpenApiParameter("desk", str, description="Slug; needed where the RFC draws from accounts of several desks."),
    OpenApiParameter("product", str, description="Slug; needed where it draws from accounts of several products."),
]
CONFLICT: Final = problem(
    "`ambiguous_account` with `choices`; `reference_used`; `insufficient_balance`; `account_exists`."
)


class StampsView(Idempotent):
    """A view that knows who asks and reads the clock once."""

    actor: Actor
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the actor and the instant after authentication, permissions and limits."""
        super().initial(request, *args, **kwargs)
        self.actor = actors.of(request)
        self.now = timezone.now()

    def desk(self, slug: str) -> Desk:
        """The desk of that name. Raises Http404 for one that the actor does not know. 1 query."""
        desk = Desk.objects.active().visible_to(self.actor).select_related("vendor").filter(slug=slug).first()
        if desk is None:
            raise Http404
        return desk

    def account(self, request: Request, rfc: str) -> StampAccount:
        """The account that the RFC draws from. Raises Http404, or Conflict where there are several. 2 queries."""
        try:
            number = rfc_rules.check(rfc).rfc
        except Invalid:
            raise Http404 from None
        which = {name: request.query_params.get(name, "") for name in ("desk", "product")}
        account = queries.the_account(queries.accounts_of(self.actor, number, **which))
        if account is None:
            raise Http404
        return account


def product_of(desk: Desk, slug: str) -> Product:
    """The product of that name. Raises Invalid on `product`."""
    known = desk_queries.config(desk).product(slug)
    if known is None:
        raise Invalid.field("product", "invalid_choice", _("Choose one of the options."))
    return Product(pk=known.id, slug=known.slug, name=known.name, vendor_id=desk.vendor_id)
