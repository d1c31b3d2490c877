"""Who was warned that an account runs out, and who does not want to be."""

from __future__ import annotations

from django.db import models

from stamps.models.account import LEVELS


class StampWarning(models.Model):
    """An account crossed a level: told once in a round, and a credit begins the next.

    `n_told` contacts were written to. Where nobody could be, `call_name` and `call_phone` are whom sales calls, and
    `called_at` when they did.
    """

    account = models.ForeignKey("stamps.StampAccount", on_delete=models.PROTECT, related_name="warnings")
    round = models.PositiveIntegerField()
    level = models.CharField(max_length=6, choices=LEVELS)
    at = models.DateTimeField()
    balance = models.BigIntegerField()
    exhausts_on = models.DateField()
    n_told = models.PositiveSmallIntegerField(default=0)
    to_call = models.BooleanField(default=False)
    call_name = models.CharField(max_length=160, blank=True)
    call_phone = models.CharField(max_length=32, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "round", "level"], name="stamp_warned_once")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.level}"


class StampNoticeChoice(models.Model):
    """Whether a contact wants to be told that stamps run out; who never said so does."""

    contact = models.OneToOneField("clients.Contact", on_delete=models.PROTECT, related_name="stamp_notices")
    wanted = models.BooleanField()
    changed_at = models.DateTimeField()
    # "link", "account" or "sales": by which door it was said.
    by = models.CharField(max_length=8)
