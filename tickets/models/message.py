"""What people wrote: free text lives here and nowhere else, so that it can be redacted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.actor import Actor, ActorKind


class MessageQuerySet(models.QuerySet["Message"]):
    def readable_by(self, actor: Actor, desk_id: int) -> MessageQuerySet:
        """Notes and threads of third parties are for the desk's people; who may see the ticket is asked of the ticket.

        A third party reads the thread that is theirs, the client of it what was shared with them.
        """
        if actor.works_tickets(desk_id):
            return self
        if actor.third_party_id is not None:
            return self.filter(thread_id=actor.third_party_id)
        return self.filter(Q(thread__isnull=True) | Q(shared=True), internal=False)


class Message(models.Model):
    """A text on a ticket; `seq` counts within the ticket, under the ticket's lock."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    body = models.TextField(blank=True)
    internal = models.BooleanField(default=False)
    is_solution = models.BooleanField(default=False)
    from_team = models.BooleanField()
    author_kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ActorKind])
    author_id = models.BigIntegerField(null=True)
    author_label = models.CharField(max_length=160)
    # The thread of a third party that it belongs to, and whether the client may read it there.
    thread = models.ForeignKey("tickets.ThirdParty", on_delete=models.PROTECT, null=True, related_name="messages")
    shared = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    redacted_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["ticket", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="message_seq_per_ticket"),
            models.CheckConstraint(condition=Q(redacted_at__isnull=True) | Q(body=""), name="redacted_text_is_gone"),
            models.CheckConstraint(
                condition=Q(thread__isnull=False, internal=False) | Q(thread__isnull=True, shared=False),
                name="shared_out_of_a_thread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}#{self.seq}"


class MessageFile(models.Model):
    """A file that came with a message."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    attachment = models.OneToOneField("files.Attachment", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    # What its fiscal documents or its certificate say (`tickets.actions.recognising`); null: nothing was recognised.
    card = models.JSONField(null=True)
    # What somebody earns: for who has the case, those above them, and who sent it.
    reserved = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["message", "position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="file_position_per_message"),
        ]
