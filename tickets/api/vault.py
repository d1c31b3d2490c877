"""What the vault keeps for a ticket, and asking for access data. Values are seen on the page, never answered here."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients import vault
from clients.models import VaultSecret
from core.errors import Forbidden
from desks import queries as desk_queries
from tickets.actions import vaultcase
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.models import Ticket

KINDS: Final = vault.Kind.values


class SecretOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    filename = serializers.CharField(help_text="Of a file; else empty.")
    given_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    looks = serializers.IntegerField(help_text="How often somebody saw it.")
    last_look_at = serializers.DateTimeField(allow_null=True)
    destroyed_at = serializers.DateTimeField(allow_null=True)
    destroyed_cause = serializers.CharField(help_text="`time`, `case_over`, `by_hand`, or empty.")


class AskIn(serializers.Serializer[Any]):
    what = serializers.CharField(required=False, allow_blank=True, default="", max_length=vault.MAX_WHAT)


class AskOut(serializers.Serializer[Any]):
    asked_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    url = serializers.CharField(required=False, help_text="Serves once; answered once, a replay comes without it.")


class Vault(TicketsView):
    """`tickets/{number}/vault/`."""

    secret_answer_fields = frozenset({"url"})

    @extend_schema(
        summary="See what the vault keeps",
        parameters=[NUMBER],
        responses={200: SecretOut(many=True), 404: UNKNOWN},
    )
    def get(self, request: Request, number: str) -> Response:
        """Answer what is and was kept, the newest first: names, hours and states."""
        ticket = self.ticket(number)
        secrets = vault.kept(vaultcase.topic(ticket)) if ticket.vault_since else []
        return Response([_json(secret, ticket) for secret in secrets])

    @extend_schema(
        summary="Ask for access data",
        request=AskIn,
        parameters=[NUMBER, KEY],
        responses={201: AskOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Send the client a link that serves once, in place of any that is out."""
        ticket = self.ticket(number)
        if not vaultcase.TicketCase(ticket).may_look(self.actor):
            raise Forbidden
        body = AskIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = vault.request(
            vaultcase.topic(ticket),
            contact=ticket.requester,
            by=self.actor,
            now=self.now,
            what=body.validated_data["what"],
        )
        zone = desk_queries.config(ticket.desk).zone
        return Response(
            {
                "asked_at": asked.request.asked_at.astimezone(zone).isoformat(),
                "expires_at": asked.request.expires_at.astimezone(zone).isoformat(),
                "url": asked.url,
            },
            status=201,
        )


def _json(secret: VaultSecret, ticket: Ticket) -> dict[str, Any]:
    zone = desk_queries.config(ticket.desk).zone

    def at(instant: Any) -> str | None:
        return instant.astimezone(zone).isoformat() if instant else None

    return {
        "id": str(secret.pk),
        "kind": secret.kind,
        "filename": secret.filename,
        "given_at": at(secret.given_at),
        "expires_at": at(secret.expires_at),
        "looks": secret.n_looks,
        "last_look_at": at(secret.last_look_at),
        "destroyed_at": at(secret.destroyed_at),
        "destroyed_cause": secret.destroyed_cause,
    }
