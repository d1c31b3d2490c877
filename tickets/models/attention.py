"""The journal of a ticket: each time somebody attended the client, how, how long and how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.lifecycle import SupportMethod


class Outcome(models.TextChoices):
    """How an attention ended."""

    RESOLVED = "resolved", _("solved")
    CONTINUES = "continues", _("goes on")
    OTHER_METHOD = "other_method", _("goes on another way")
    NO_ANSWER = "no_answer", _("the client did not answer")


class PriceConsent(models.Model):
    """What an attention costs where the plan charges for it, and the client's word on it.

    "Enlaces remotos o atención telefónica, éstos tendrán un costo adicional" (Facturando guide,
    "Recomendaciones"). One consent pays for one attention. `price` is in MXN before VAT, as it was asked.
    """

    class Via(models.TextChoices):
        LINK = "link", _("by link")
        ACCOUNT = "account", _("signed in")
        TOLD = "told", _("told to the desk")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="price_consents")
    method = models.CharField(max_length=8, choices=SupportMethod)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    via = models.CharField(max_length=7, choices=Via, blank=True)
    # Who said it: the name of the client's person.
    answered_by = models.CharField(max_length=160, blank=True)
    # Who of the desk heard it, where it was told.
    told_to = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "method"], condition=Q(answered_at__isnull=True), name="one_price_asked"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, accepted__isnull=True, via="")
                | Q(answered_at__isnull=False, accepted__isnull=False) & ~Q(via=""),
                name="price_answer_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(via="told", told_to__isnull=False) | ~Q(via="told") & Q(told_to__isnull=True),
                name="price_told_to_somebody",
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="price_is_positive"),
        ]


class Attention(models.Model):
    """Somebody of the desk with the client. Running while `ended_at` is null: one at a time on a ticket.

    `cost` is in MXN before VAT: null where the plan includes it, 0 where the desk chose not to charge.
    What was said stands in `note`, a message of the ticket.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="attentions")
    appointment = models.OneToOneField(
        "tickets.Appointment", on_delete=models.PROTECT, null=True, related_name="attention"
    )
    method = models.CharField(max_length=8, choices=SupportMethod)
    consultant = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    cost = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    consent = models.OneToOneField(PriceConsent, on_delete=models.PROTECT, null=True, related_name="attention")
    note = models.ForeignKey("tickets.Message", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="attention_in_order"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
                name="attention_ends_with_outcome",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(ended_at__isnull=True), name="one_attention_running"
            ),
            models.CheckConstraint(
                condition=Q(consent__isnull=True) | Q(cost__isnull=False), name="consent_has_its_cost"
            ),
        ]
        indexes = [models.Index(fields=["ticket", "started_at", "id"], name="journal_of_ticket")]


class AgendaFeed(models.Model):
    """A consultant's appointments as a calendar under a secret address; only the digest of the secret is kept."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "user"], condition=Q(revoked_at=None), name="one_agenda_feed_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.desk_id}"
