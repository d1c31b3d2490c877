"""What somebody writes on a ticket and nobody has got yet: a draft, or a reply on its way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import sealing


@dataclass(frozen=True, slots=True)
class Contents:
    """What a draft holds: its text, and texts that another tab or machine wrote over, the newest last."""

    body: str = field(default="", repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)


class Draft(models.Model):
    """One per person and ticket, and one more while a reply is on its way (`leaves_at`).

    The text is sealed with the keys of the vault: it is in no search, export, log or API. Rows come and go under
    the ticket's lock; what is typed meanwhile changes a row under its own.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    class After(models.TextChoices):
        """What follows the reply."""

        STAY = "stay", _("Nothing")
        WAIT = "wait", _("Wait for the client")
        RESOLVE = "resolve", _("It is solved")

    class Returned(models.TextChoices):
        """Why a reply did not leave and is a draft again."""

        CLIENT_WROTE = "client_wrote", _("The client wrote meanwhile")
        REFUSED = "refused", _("The ticket does not allow it any more")
        LEFT_DESK = "left_desk", _("Who wrote it left the desk")
        UNREADABLE = "unreadable", _("Its key was taken away")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="drafts")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.REPLY)
    after = models.CharField(max_length=7, choices=After, default=After.STAY)
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=16, db_collation="C")
    # The last message of the conversation that the writer saw: what came after it stops the reply.
    seen_seq = models.PositiveIntegerField(default=0)
    # Raised by every save: who writes over a version that they have not seen loses nothing of it.
    version = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    # While colleagues of the desk may read it and go on with it; then who did.
    shared_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    # On its way: when *Enviar* was pressed and when it leaves, by which form it came.
    pressed_at = models.DateTimeField(null=True)
    leaves_at = models.DateTimeField(null=True)
    form_key = models.UUIDField(null=True)
    # It did not leave: why, and who wrote meanwhile.
    returned = models.CharField(max_length=12, choices=Returned, blank=True, default="")
    returned_who = models.CharField(max_length=160, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user"], condition=Q(leaves_at__isnull=True), name="one_draft_a_person"
            ),
            models.UniqueConstraint(
                fields=["ticket", "user"], condition=Q(leaves_at__isnull=False), name="one_reply_on_its_way_a_person"
            ),
            models.CheckConstraint(
                condition=Q(pressed_at__isnull=True, leaves_at__isnull=True)
                | Q(pressed_at__isnull=False, leaves_at__isnull=False, kind="reply", shared_at__isnull=True),
                name="what_is_on_its_way_was_pressed",
            ),
        ]
        indexes = [models.Index(fields=["saved_at", "id"], name="draft_by_age")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.ticket_id}"

    @property
    def contents(self) -> Contents:
        """What is sealed in it. Raises core.sealing.Unreadable."""
        held = json.loads(sealing.unseal(bytes(self.sealed)))
        return Contents(held["body"], tuple(held["others"]))

    def hold(self, contents: Contents) -> None:
        """Seal it in the row, which the caller saves: the columns of `SEALED`."""
        held: dict[str, Any] = {"body": contents.body, "others": list(contents.others)}
        self.sealed = sealing.seal(json.dumps(held, ensure_ascii=False).encode())
        self.key_id = sealing.key_id()


SEALED: Final = ("sealed", "key_id")


class DraftFile(models.Model):
    """A file of a reply on its way; of a text that is still being written they are `Upload`s."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    attachment = models.OneToOneField("files.Attachment", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["draft", "position"]
        constraints = [models.UniqueConstraint(fields=["draft", "position"], name="file_position_per_draft")]

    def __str__(self) -> str:
        return f"{self.draft_id}#{self.position}"
