"""*Sumar a su proveedor*: somebody outside, with a thread of their own on one ticket."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class ThirdParty(models.Model):
    """The client's other vendor, their accountant's software, a PAC: they read their own thread and nothing else.

    "En caso de ser necesario se trabajará con usted y con su proveedor para encontrar el problema" (InvoiceMX manual,
    "Antes de llamar a soporte"). Nothing goes out to them before the client has said yes.
    """

    class Consent(models.TextChoices):
        ASKED = "asked", _("the client was asked")
        GRANTED = "granted", _("the client agreed")
        REFUSED = "refused", _("the client said no")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="third_parties")
    name = models.CharField(max_length=160)
    email = models.EmailField(db_collation="C")
    # Whether the ticket waits for them as soon as they are in.
    waits = models.BooleanField()
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    consent = models.CharField(max_length=8, choices=Consent, default=Consent.ASKED)
    # When the client answered, and who said so: themselves by link or account, or somebody who heard them by phone.
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=160, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "ticket", Lower("email"), condition=Q(removed_at__isnull=True), name="third_party_once_per_ticket"
            ),
            models.CheckConstraint(
                condition=Q(consent="asked", answered_at__isnull=True)
                | ~Q(consent="asked") & Q(answered_at__isnull=False),
                name="consent_has_its_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.ticket_id}"

    @property
    def is_in(self) -> bool:
        """Whether they may read and write."""
        return self.consent == self.Consent.GRANTED and self.removed_at is None
