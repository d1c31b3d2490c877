"""Accounts: opening one, reading one, telling what it used."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.actor import SALES
from core.errors import Forbidden
from stamps import actions, answers
from stamps.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, RFC, UNKNOWN, WHICH, StampsView, product_of
from stamps.api.serializers import AccountIn, AccountOut, UsageIn
from stamps.models import account as account_models


class AccountList(StampsView):
    """`stamps/accounts/`."""

    @extend_schema(
        summary="Open an account of stamps",
        request=AccountIn,
        parameters=[KEY],
        responses={201: AccountOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Open an account with the balance that it had at an instant; for sales."""
        if not account_models.sells_somewhere(self.actor):
            raise Forbidden
        body = AccountIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        desk = self.desk(values.pop("desk"))
        if not self.actor.has_role(desk.pk, SALES):
            raise Forbidden
        product = product_of(desk, values.pop("product"))
        account = actions.open_account(desk, product=product, by=self.actor, now=self.now, **values)
        address = f"/api/v1/stamps/accounts/{account.rfcs.order_by('pk')[0].rfc}/"
        return Response(answers.account_json(account, self.now), status=201, headers={"Location": address})


class AccountDetail(StampsView):
    """`stamps/accounts/{rfc}/`."""

    @extend_schema(
        summary="Read an account of stamps",
        parameters=[RFC, *WHICH],
        responses={200: AccountOut, 404: UNKNOWN, 409: CONFLICT},
    )
    def get(self, request: Request, rfc: str) -> Response:
        """Answer the balance and when it runs out."""
        return Response(answers.account_json(self.account(request, rfc), self.now))


class Usage(StampsView):
    """`stamps/accounts/{rfc}/usage/`."""

    @extend_schema(
        summary="Tell what an account used",
        request=UsageIn,
        parameters=[RFC, *WHICH, KEY],
        responses={201: AccountOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request, rfc: str) -> Response:
        """Book a use, or the difference to a balance that was read; the same reference and body once only."""
        account = self.account(request, rfc)
        if not self.actor.has_role(account.desk_id, *account_models.READING):
            raise Forbidden
        body = UsageIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        act = actions.use if "used" in values else actions.report
        return Response(act(account, by=self.actor, now=self.now, **values), status=201)
