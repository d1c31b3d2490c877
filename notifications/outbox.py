"""The one way to tell somebody something: a row, written in the transaction of its cause."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection

from core.rows import Rows
from notifications import doorbell
from notifications.models import Channel, Notification

SEND_DUE: Final = "notifications.tasks.send_due"

# One statement: the number comes from a sequence, so a notice put after another was committed is
# higher; two that are put at the same time have no order to keep.
_INTO: Final = """
    INSERT INTO notifications_notification (
        key, topic, channel, recipient, template, params, desk_id, from_name, thread, wakes, seq,
        created_at, not_before, next_attempt_at, attempts, last_error, rendered_text, message_id, outcome
    ) VALUES
"""
_ROW: Final = """(
        %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, nextval('notifications_seq'),
        %s, %s, %s, 0, '', '', '', ''
    )"""
_ONCE: Final = "ON CONFLICT (key) DO NOTHING"


def put(
    *,
    key: str,
    topic: str,
    recipient: str,
    template: str,
    now: datetime,
    channel: str = Channel.EMAIL,
    params: Mapping[str, Any] | None = None,
    desk_id: int | None = None,
    wakes: bool = False,
    not_before: datetime | None = None,
    from_name: str = "",
    thread: str = "",
    rows: Rows | None = None,
) -> Notification:
    """Write the notice and ring the worker on commit; the same `key` again changes nothing.

    `params` are plain JSON and complete: rendering reads no other rows. Within one topic, channel
    and recipient notices go out in the order of their putting, so `not_before` (quiet hours) holds
    back what follows it too; what is meant for a far day is a Timer. Notices with the same `thread`
    form one conversation in the recipient's mailbox. With `rows` it is written with them, and has
    no id yet. 1 query, 2 when the key was there.
    Raises ValueError for an empty recipient or an unknown channel.
    """
    notice = Notification(
        key=key,
        topic=topic,
        channel=Channel(channel),
        recipient=recipient.strip(),
        template=template,
        params=_plain(params or {}),
        desk_id=desk_id,
        from_name=" ".join(from_name.split())[:120],
        thread=thread,
        wakes=wakes,
        created_at=now,
        not_before=not_before,
        next_attempt_at=max(now, not_before) if not_before else now,
    )
    if not notice.recipient:
        raise ValueError(f"notice {key!r} has no recipient")
    if rows is not None:
        rows.values(_INTO, _ROW, _values(notice), _ONCE)
    elif not _insert(notice):
        return Notification.objects.get(key=key)
    doorbell.ring_on_commit(SEND_DUE)
    return notice


def _plain(value: Any) -> Any:
    """Return the value as jsonb accepts it. Raises TypeError for what is not plain JSON."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} is not plain JSON")


def _values(notice: Notification) -> list[Any]:
    return [
        notice.key,
        notice.topic,
        str(notice.channel),
        notice.recipient,
        notice.template,
        json.dumps(notice.params, ensure_ascii=False),
        notice.desk_id,
        notice.from_name,
        notice.thread,
        notice.wakes,
        notice.created_at,
        notice.not_before,
        notice.next_attempt_at,
    ]


def _insert(notice: Notification) -> bool:
    """Write the row and fill in what the database chose; False when the key is there."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_INTO} {_ROW} {_ONCE} RETURNING id, seq", _values(notice))
        row = cursor.fetchone()
    if row is None:
        return False
    notice.pk, notice.seq = row
    notice._state.adding = False
    notice._state.db = connection.alias
    return True
