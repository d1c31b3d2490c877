"""The timeline: append-only facts, codes and ids, never prose (a trigger refuses the rest)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.expressions import Func


class Xid8Field(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """PostgreSQL's 64-bit transaction id: what readers across tickets order by."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def get_internal_type(self) -> str:
        return "Xid8Field"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class CurrentXid(Func):
    """The writing transaction's own id."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = Xid8Field()


class TicketEvent(models.Model):
    """One thing that happened, in the schema of streams and webhooks (architecture, section 6)."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="events")
    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=40, db_collation="C")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)
    data = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    xid = Xid8Field(db_default=CurrentXid(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "id"], name="timeline_of_ticket"),
            models.Index(fields=["desk", "xid", "id"], name="events_of_desk"),
            models.Index(fields=["actor_id", "at"], name="events_of_person", condition=Q(actor_kind="user")),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.ticket_id}"
