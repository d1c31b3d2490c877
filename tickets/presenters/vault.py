"""What the vault keeps for a ticket: names, states and hours, never content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from clients import vault
from clients.models import VaultRequest, VaultSecret
from core import faces, localtime
from core.actor import Actor
from desks.config import DeskConfig
from tickets.actions import vaultcase
from tickets.models import Ticket

Row = dict[str, Any]

LINE: Final = 70  # characters that fit beside each other


def section(ticket: Ticket, actor: Actor, config: DeskConfig, *, now: datetime) -> Row:
    """The vault beside the conversation. 1 query, none where nothing was ever kept or asked for."""
    case = vaultcase.TicketCase(ticket)
    looks = case.may_look(actor)
    secrets = vault.kept(case.topic) if ticket.vault_since else []
    return {
        "href": f"/tickets/{ticket.number}/boveda/",
        "rows": rows(secrets, ticket, config, looks=looks, now=now),
        "may_ask": looks and not case.is_over(),
    }


def rows(
    secrets: Iterable[VaultSecret], ticket: Ticket, config: DeskConfig, *, looks: bool, now: datetime
) -> list[Row]:
    """A row for each secret; `looks`: whether the reader may open what is still there."""
    return [_row(secret, ticket, config, looks, now) for secret in secrets]


def _row(secret: VaultSecret, ticket: Ticket, config: DeskConfig, looks: bool, now: datetime) -> Row:
    alive = secret.destroyed_at is None and secret.expires_at > now
    base = f"/tickets/{ticket.number}/boveda/{secret.pk}/"
    return {
        "name": name(secret),
        "from": _("%(who)s, %(when)s")
        % {"who": secret.given_by_label, "when": localtime.when(secret.given_at, config.zone, now)},
        "tone": "warn" if alive else "mute",
        "icon": "lock" if alive else "x",
        "state": _state(secret, config, alive, now),
        "seen": _seen(secret, config, now),
        "look_href": f"{base}ver/" if alive and looks else "",
        "destroy_href": f"{base}destruir/" if alive and looks else "",
    }


def name(secret: VaultSecret) -> str:
    """The file's name, or what it is."""
    text = str(vault.name_of(secret))
    return text[:1].upper() + text[1:] if not secret.filename else text


def _state(secret: VaultSecret, config: DeskConfig, alive: bool, now: datetime) -> str:
    if not alive:
        at = secret.destroyed_at or secret.expires_at
        cause = vault.Cause(secret.destroyed_cause or vault.Cause.TIME).label
        return _("Destroyed %(when)s: %(cause)s") % {"when": localtime.when(at, config.zone, now), "cause": cause}
    left = localtime.minutes_label((secret.expires_at - now).total_seconds() / 60)
    return _("%(left)s left, until %(until)s") % {
        "left": left,
        "until": faces.near(secret.expires_at, config.zone, now),
    }


def _seen(secret: VaultSecret, config: DeskConfig, now: datetime) -> str:
    if secret.last_look_at is None:
        return _("Nobody has seen it")
    return _("Seen %(n)d times, last by %(who)s, %(when)s") % {
        "n": secret.n_looks,
        "who": secret.last_look_by,
        "when": localtime.when(secret.last_look_at, config.zone, now),
    }


def link_out(asked: VaultRequest | None, config: DeskConfig, *, now: datetime) -> str:
    """That the client was asked and has not answered; "" when nothing is out."""
    if asked is None:
        return ""
    return _("%(who)s asked for it %(when)s; the link serves until %(until)s.") % {
        "who": asked.asked_by_label,
        "when": localtime.when(asked.asked_at, config.zone, now),
        "until": faces.near(asked.expires_at, config.zone, now),
    }


def values(shown: vault.Revealed) -> list[Row]:
    """The values of a secret with their labels, in the order of the form."""
    labels = {"user": _("User"), "password": _("Password"), "notes": _("Other data"), "text": _("As it was written")}
    return [
        {"label": labels.get(key, key), "text": text, "long": len(text) > LINE or "\n" in text}
        for key, text in shown.values.items()
    ]
