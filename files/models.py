"""Files that people sent, one row each; the bytes lie in Django's default storage."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from files import names


class Attachment(models.Model):
    """A file as it came in: bytes untouched, name made safe, type judged by its content.

    The bytes are written before the row, so a row always has its file; what was written and
    never got a row is swept (`actions.sweep_orphans`). Those of a private key are sealed. Who may
    download it is decided by the app that hangs it on something.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    storage_key = models.CharField(max_length=120, unique=True, db_collation="C")
    filename = models.CharField(_("file name"), max_length=names.MAX_LENGTH)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, db_collation="C")
    secret_like = models.BooleanField(
        default=False, help_text=_("A private key or key store by its name, content or archive listing.")
    )
    created_at = models.DateTimeField()
    # A secret that passed into the vault: its bytes are not here any more.
    taken_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.CheckConstraint(condition=~Q(filename=""), name="attachment_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.filename
