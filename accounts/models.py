"""Who signs in, with what, and what an API call has already answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from core import names


class Theme(models.TextChoices):
    """Colours of the screens; `system` follows the device."""

    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class LowerEmailField(models.EmailField):  # type: ignore[type-arg]
    """An address kept, and looked up, in lower case: one person, one spelling."""

    def get_prep_value(self, value: Any) -> Any:
        """Return what is stored or compared."""
        prepared = super().get_prep_value(value)
        return prepared.strip().lower() if isinstance(prepared, str) else prepared

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Lower the case before the uniqueness check sees it."""
        cleaned = super().clean(value, model_instance)
        return cleaned.strip().lower() if isinstance(cleaned, str) else cleaned


class UserManager(BaseUserManager["User"]):
    """Makes people; the password may be None for who signs in by other means."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save and return a person. Raises ValueError without an address."""
        address = email.strip().lower()
        if not address:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=address, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save and return an administrator of the installation."""
        return self.create_user(email, password, **{**fields, "is_staff": True})

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person of an address, whatever its case. 1 query."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in: staff of a desk, contact of a client, or administrator.

    What somebody may do at a desk is a membership there, not a flag here; `is_staff` alone
    means administrator of the installation.
    """

    email = LowerEmailField(_("e-mail"), max_length=254, unique=True, db_collation="C")
    name = models.CharField(_("name"), max_length=120)
    phone = PhoneNumberField(_("phone"), blank=True, region="MX")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("administrator of the installation"), default=False)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    keyboard_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case_unique"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name that people read."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first name, with the title before it."""
        return names.first(self.name)

    @property
    def is_superuser(self) -> bool:
        """Tell Django's own code that an administrator may do everything in the admin."""
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer the admin: administrators all, others nothing."""
        return self.is_active and self.is_staff

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        """Answer the admin for several permissions at once."""
        return self.has_perm("", obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Answer the admin for an app."""
        return self.has_perm("")


class ApiToken(models.Model):
    """A key for the API. Only its SHA-256 is kept; `prefix` lets the owner tell one from another."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(_("label"), max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    prefix = models.CharField(max_length=12, db_collation="C")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="token_expires_after_creation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    def is_usable(self, now: datetime) -> bool:
        """Tell whether the token opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class IdempotencyRecord(models.Model):
    """The first answer to a POST that carried an Idempotency-Key.

    Inserted first, in the transaction of the effect: who comes second waits on the unique
    index, then reads the answer. `status` is null only inside that transaction.
    """

    principal = models.CharField(max_length=120, db_collation="C")
    key = models.CharField(max_length=255, db_collation="C")
    fingerprint = models.CharField(max_length=64, db_collation="C")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(default=b"")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotency_principal_key"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
