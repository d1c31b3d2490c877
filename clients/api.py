"""`clients/imports/`: clients from a file, by the same actions as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import Idempotent
from clients import actors, import_actions, import_page
from clients.models import ClientImport
from core import localtime
from core.actor import MANAGER, Actor
from core.errors import Forbidden
from desks.api.scope import staffed_desks


class ImportIn(serializers.Serializer[Any]):
    desk = serializers.CharField(help_text="Slug of a desk that the caller manages.")
    file = serializers.FileField(allow_empty_file=True, help_text="CSV or XLSX; docs/clients.md names the columns.")


class FaultOut(serializers.Serializer[Any]):
    column = serializers.CharField()
    text = serializers.CharField()


class RefusedRowOut(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    what = serializers.CharField()
    faults = FaultOut(many=True)


class ImportOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ClientImport.State.values)
    created_at = serializers.DateTimeField()
    summary = serializers.DictField(child=serializers.IntegerField(), help_text="Counts: new_client, changed_taxid …")
    refused = RefusedRowOut(many=True, help_text="Rows that cannot be used, with why.")


class ImportsView(Idempotent):
    """A view that knows who asks and reads the clock once."""

    actor: Actor
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the actor and the instant after authentication, permissions and limits."""
        super().initial(request, *args, **kwargs)
        self.actor = actors.of(request)
        self.now = timezone.now()
        if not self.actor.is_admin and not any(MANAGER in roles for roles in self.actor.desk_roles.values()):
            raise Forbidden

    def found(self, pk: int) -> ClientImport:
        kept = ClientImport.objects.visible_to(self.actor).select_related("desk", "file").filter(pk=pk).first()
        if kept is None:
            raise Http404
        return kept

    def answer(self, kept: ClientImport, status: int = 200) -> Response:
        zone = localtime.zone(kept.desk.timezone)
        planned = import_actions.preview(kept, now=self.now)
        waiting = kept.state == ClientImport.State.PREVIEW
        body = {
            "id": kept.pk,
            "state": kept.state,
            "created_at": kept.created_at.astimezone(zone).isoformat(),
            "summary": planned.summary() if waiting else kept.summary,
            "refused": import_page.refused(planned.lines),
        }
        return Response(body, status=status)


class ImportList(ImportsView):
    """`clients/imports/`."""

    @extend_schema(
        summary="Upload a file of clients", request={"multipart/form-data": ImportIn}, responses={201: ImportOut}
    )
    def post(self, request: Request) -> Response:
        """Keep the file and answer what it would change; nothing is changed yet."""
        body = ImportIn(data=request.data)
        body.is_valid(raise_exception=True)
        desk = staffed_desks(self.actor).filter(slug=body.validated_data["desk"]).first()
        if desk is None:
            raise Http404
        file = body.validated_data["file"]
        kept = import_actions.upload(desk, file.read(), filename=file.name, by=self.actor, now=self.now)
        return self.answer(kept, status=201)


class ImportDetail(ImportsView):
    """`clients/imports/{id}/`."""

    @extend_schema(summary="Read an import of clients", responses={200: ImportOut})
    def get(self, request: Request, pk: int) -> Response:
        """Answer what the file would change, or what it changed."""
        return self.answer(self.found(pk))


class ImportApply(ImportsView):
    """`clients/imports/{id}/apply/`."""

    @extend_schema(summary="Apply an import of clients", request=None, responses={200: ImportOut})
    def post(self, request: Request, pk: int) -> Response:
        """Write what the rows without faults say; twice is once. 409 `import_undone`."""
        return self.answer(import_actions.apply(self.found(pk), by=self.actor, now=self.now))


class ImportUndo(ImportsView):
    """`clients/imports/{id}/undo/`."""

    @extend_schema(summary="Take an import of clients back", request=None, responses={200: ImportOut})
    def post(self, request: Request, pk: int) -> Response:
        """Take it back; what somebody has changed since stays. 409 `not_applied`."""
        return self.answer(import_actions.undo(self.found(pk), by=self.actor, now=self.now))
