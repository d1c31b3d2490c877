"""Clients of a vendor: the company, its RFCs and branches, its people, its contracts, their secrets."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from core.actor import MANAGER, Actor, ActorKind


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, actor: Actor) -> Self:
        """Staff see the clients of their vendors; a contact, the companies linked to them."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        if actor.desk_roles:
            return self.filter(vendor_id__in=list(actor.vendor_ids))
        return self.filter(pk__in=list(actor.client_ids))


class Client(models.Model):
    """The commercial relation with a company; the same company at two vendors is two clients."""

    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(max_length=200)
    account_executive = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    # When the first certificate of an RFC was kept; null: there is none to look for.
    seals_since = models.DateTimeField(null=True, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["vendor", "name"], name="client_by_name")]

    def __str__(self) -> str:
        return self.name


class TaxId(models.Model):
    """An RFC of a client. `vendor` repeats the client's, so that the database can keep it unique."""

    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="tax_ids")
    rfc = models.CharField(max_length=13, db_collation="C")
    legal_name = models.CharField(max_length=254, blank=True)
    regimen = models.CharField(max_length=3, blank=True)
    postal_code = models.CharField(max_length=5, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "rfc"], name="rfc_once_per_vendor"),
            models.CheckConstraint(condition=Q(rfc__regex=r"^[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}$"), name="rfc_shape"),
        ]

    def __str__(self) -> str:
        return self.rfc


class Branch(models.Model):
    """A place of the client's: a shop, a plant, an office."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="branches")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="branch_once_per_client"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person on the client's side, as one vendor knows them; an accountant has many clients.

    A contact made from a form that nobody signed in for is known by its address only: it has
    no links, so it sees its own tickets and nothing of any company.
    """

    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="contacts")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts")
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True, db_collation="C")
    phone = PhoneNumberField(blank=True, region="MX")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="contact_reachable"),
            models.UniqueConstraint(
                F("vendor"), Lower("email"), condition=~Q(email=""), name="contact_email_once_per_vendor"
            ),
            # Without e-mail the phone is all that tells people apart.
            models.UniqueConstraint(
                fields=["vendor", "phone"], condition=Q(email=""), name="contact_phone_without_email"
            ),
            models.UniqueConstraint(
                fields=["vendor", "user"], condition=Q(user__isnull=False), name="contact_user_per_vendor"
            ),
        ]
        indexes = [models.Index(fields=["vendor", "phone"], name="contact_by_phone")]

    def __str__(self) -> str:
        return self.name


class ContactLinkQuerySet(models.QuerySet["ContactLink"]):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


class ContactLink(models.Model):
    """What a contact may see of a client. Only staff make one: an e-mail domain gives nothing."""

    class Scope(models.TextChoices):
        COMPANY = "company", _("all the company's tickets")
        OWN = "own", _("own tickets only")

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="links")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="links")
    scope = models.CharField(max_length=7, choices=Scope, default=Scope.OWN)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    # Whether they are told before a certificate of the company expires.
    seal_notices = models.BooleanField(default=True, db_default=True)

    objects = ContactLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "client"], name="one_link_per_client"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="link_dates_in_order",
            ),
        ]


class Contract(models.Model):
    """The plan that a client has at a desk, between two dates."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contracts")
    plan = models.ForeignKey("desks.Plan", on_delete=models.PROTECT, related_name="contracts")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_dates_in_order",
            ),
        ]
        indexes = [models.Index(fields=["client", "starts_on"], name="contract_by_client")]


class SealCertificate(models.Model):
    """The newest certificate of a kind that was handed in for an RFC; public, never the key to it."""

    class Kind(models.TextChoices):
        CSD = "csd", _("certificate of seal")
        FIEL = "fiel", _("electronic signature")

    tax_id = models.ForeignKey(TaxId, on_delete=models.PROTECT, related_name="seals")
    kind = models.CharField(max_length=4, choices=Kind)
    # As the tax office writes it: twenty digits.
    number = models.CharField(max_length=40, db_collation="C")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tax_id", "kind"], name="one_seal_per_kind"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="seal_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.number


class VaultRequest(models.Model):
    """Access data asked of a contact, by a link that serves once. Only the hash of its token is kept."""

    # What it is about, `<kind>/<id>`: the kinds are registered in `clients.vaultcases`.
    topic = models.CharField(max_length=60, db_collation="C")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=300, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, db_collation="C")
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_label = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_vault_request",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(withdrawn_at__isnull=True), name="vault_request_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.asked_at:%Y-%m-%d %H:%M}"

    def is_open_at(self, now: datetime) -> bool:
        """Whether the link may still be used."""
        return self.used_at is None and self.withdrawn_at is None and now < self.expires_at


class VaultSecret(models.Model):
    """One secret of a client's, encrypted; when it is destroyed the row stays as a mark, without content."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("access data")
        PASSWORD = "password", _("password")
        KEY = "key", _("private key")
        FILE = "file", _("file")

    class Cause(models.TextChoices):
        TIME = "time", _("72 hours passed")
        CASE_OVER = "case_over", _("the case ended")
        BY_HAND = "by_hand", _("by hand")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    topic = models.CharField(max_length=60, db_collation="C")
    request = models.ForeignKey(VaultRequest, on_delete=models.PROTECT, null=True, related_name="secrets")
    # The text in which it was caught, `message/91`: it goes where that goes. Empty for what was given as a secret.
    piece = models.CharField(max_length=60, blank=True, default="", db_default="", db_collation="C")
    kind = models.CharField(max_length=8, choices=Kind)
    # The name of a file; empty for what has none.
    filename = models.CharField(max_length=150, blank=True)
    ciphertext = models.BinaryField(null=True)
    key_id = models.CharField(max_length=16, db_collation="C")
    given_by_kind = models.CharField(max_length=8)
    given_by_id = models.BigIntegerField(null=True)
    given_by_label = models.CharField(max_length=160)
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    n_looks = models.PositiveIntegerField(default=0)
    last_look_at = models.DateTimeField(null=True)
    last_look_by = models.CharField(max_length=160, blank=True)
    destroyed_at = models.DateTimeField(null=True)
    destroyed_cause = models.CharField(max_length=10, choices=Cause, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ciphertext__isnull=True, destroyed_at__isnull=False)
                | Q(ciphertext__isnull=False, destroyed_at__isnull=True),
                name="vault_content_until_destroyed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("given_at") + timedelta(hours=72)), name="vault_at_most_72_hours"
            ),
        ]
        indexes = [
            models.Index(fields=["topic", "given_at"], name="vault_of_topic"),
            models.Index(fields=["key_id", "id"], name="vault_by_key", condition=Q(destroyed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.kind}"


class ClientImportQuerySet(models.QuerySet["ClientImport"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the desks that the actor manages."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(desk_id__in=[desk for desk, roles in actor.desk_roles.items() if MANAGER in roles])


class ClientImport(models.Model):
    """A file of clients: kept as it came, previewed, applied by a person, and undone if it was wrong."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("not applied")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.Attachment", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.PREVIEW)
    # Counts by name: what the preview said, then what was done.
    summary = models.JSONField(default=dict)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = ClientImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="preview", applied_at=None, undone_at=None)
                | Q(state="applied", applied_at__isnull=False, undone_at=None)
                | Q(state="undone", applied_at__isnull=False, undone_at__isnull=False),
                name="client_import_instants_agree",
            ),
        ]
        indexes = [models.Index(fields=["desk", "-id"], name="client_imports_of_desk")]


class ImportChange(models.Model):
    """A row that an import made (`before` null), or fields that it set: name -> value as text or null."""

    imported = models.ForeignKey(ClientImport, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, db_collation="C")
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["imported", "kind", "row_id"], name="one_change_per_row_and_import"),
        ]
