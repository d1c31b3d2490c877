"""Channels that wake a person: added by them, shown to work by a test that they answer.

A person enters a rota only with a channel that is acknowledged; a new address starts over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.actor import Actor
from core.errors import Conflict, Forbidden
from notifications import outbox
from notifications.models import Channel, Notification, WakeChannel, WakeKind

TEST_TEMPLATE: Final = "notifications/test"
_SALT: Final = "notifications.waking"


def add_channel(user: User, *, kind: str, address: str, now: datetime) -> WakeChannel:
    """Return the person's channel with that address, made when there was none."""
    channel, _made = WakeChannel.objects.get_or_create(
        user=user, kind=WakeKind(kind), address=address, defaults={"created_at": now}
    )
    return channel


def remove_channel(channel: WakeChannel, *, by: Actor) -> None:
    """Delete a channel of one's own. Raises Forbidden."""
    _only_own(channel, by)
    channel.delete()


@transaction.atomic
def test_wake(channel: WakeChannel, *, by: Actor, now: datetime) -> Notification:
    """Send a test that the person acknowledges by its link. Raises Forbidden, or Conflict for a kind without sender."""
    _only_own(channel, by)
    if channel.kind != WakeKind.WEBHOOK:
        raise Conflict(_("Push is not available yet."), code="push_not_available")
    channel = WakeChannel.objects.select_for_update(of=("self",)).select_related("user").get(pk=channel.pk)
    channel.tested_at = now
    channel.save(update_fields=["tested_at"])
    return outbox.put(
        key=f"wake-test/{channel.pk}/{now.isoformat()}",
        topic=f"wake/{channel.pk}",
        channel=Channel.WEBHOOK,
        recipient=channel.address,
        template=TEST_TEMPLATE,
        now=now,
        wakes=True,
        params={
            "name": channel.user.get_short_name(),
            "url": f"{settings.SITE_URL}{reverse('wake_test', kwargs={'token': token(channel)})}",
        },
    )


def token(channel: WakeChannel) -> str:
    """Return what the link of the latest test carries: it dies with the next test."""
    return _signer().sign(_claim(channel)).replace(":", "~")


def _claim(channel: WakeChannel) -> str:
    stamp = channel.tested_at.timestamp() if channel.tested_at else 0
    return f"{channel.pk}.{stamp:.6f}"


def read_token(text: str) -> WakeChannel | None:
    """Return the channel whose latest test carries this token, or None. 1 query."""
    try:
        claim = _signer().unsign(text.replace("~", ":"))
        pk = int(claim.partition(".")[0])
    except (signing.BadSignature, ValueError):
        return None
    channel = WakeChannel.objects.select_related("user").filter(pk=pk).first()
    return channel if channel is not None and _claim(channel) == claim else None


def acknowledge_test(channel: WakeChannel, *, now: datetime) -> WakeChannel:
    """Note that the person answered; the first answer counts."""
    WakeChannel.objects.filter(pk=channel.pk, tested_at__isnull=False, acknowledged_at=None).update(acknowledged_at=now)
    channel.refresh_from_db()
    return channel


def _only_own(channel: WakeChannel, by: Actor) -> None:
    """Let a person touch their own channels, an administrator all. Raises Forbidden."""
    if not by.is_admin and by.user_id != channel.user_id:
        raise Forbidden


def _signer() -> signing.Signer:
    return signing.Signer(key=settings.LINK_KEYS[0], fallback_keys=list(settings.LINK_KEYS[1:]), salt=_SALT)
