"""Hand-over of the on-call duty: one row a hand-off, and one for each case whose holder was asked about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NOTE_LENGTH = 500


class Handover(models.Model):
    """The hand-off of a desk at an instant. No giver or taker: the office (`office_*`), else nobody.

    Written when it comes or, earlier, with the note of who gives; who gives and takes is as it was then.
    """

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="handovers")
    at = models.DateTimeField()
    giver = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    taker = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    office_gives = models.BooleanField(default=False)
    office_takes = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # When the hand-off was gone through, what was going on then: counts by name.
    passed_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    noted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    superior_told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["desk", "-at"]
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.UniqueConstraint(fields=["desk", "at"], name="one_handover_per_instant"),
            models.CheckConstraint(
                condition=Q(giver=None, office_gives=True) | Q(office_gives=False), name="handover_one_giver"
            ),
            models.CheckConstraint(
                condition=Q(taker=None, office_takes=True) | Q(office_takes=False), name="handover_one_taker"
            ),
            models.CheckConstraint(
                condition=Q(received_at=None, received_by=None)
                | Q(received_at__isnull=False, received_by__isnull=False),
                name="handover_received_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.desk_id} · {self.at:%Y-%m-%d %H:%M}"


class HandoverAsk(models.Model):
    """*¿La sigue usted o la entrega a la guardia?* No answer by `answer_by` means the guardia."""

    class Answer(models.TextChoices):
        KEEP = "keep", _("Goes on with it")
        HAND = "hand", _("Hands it to the person on call")

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="asks")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="handover_asks")
    holder = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answer = models.CharField(max_length=4, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("question at a hand-over")
        verbose_name_plural = _("questions at a hand-over")
        constraints = [
            models.UniqueConstraint(fields=["handover", "ticket"], name="one_ask_per_case"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="ask_answered_at_an_instant",
            ),
        ]
        indexes = [models.Index(fields=["holder", "answer_by"], name="ask_open", condition=Q(answer="", moved_at=None))]

    def __str__(self) -> str:
        return f"{self.ticket_id} · {self.answer or '?'}"
