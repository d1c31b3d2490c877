"""Files that are sent ahead of their text: kept for their sender, hung on the message, or thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.core.files.base import File
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.actor import Actor, ActorKind
from core.errors import Invalid, TransitionNotAllowed
from files import actions as file_actions
from files.models import Attachment
from tickets import lifecycle
from tickets.models import Draft, Ticket, Upload

MOST: Final = 20
KEPT: Final = timedelta(hours=24)
BATCH: Final = 200


def keep(ticket: Ticket, upload: File[bytes], *, by: Actor, now: datetime) -> Upload:
    """Store a file for the person's next message on the ticket. A private key is sealed, as in a message.

    Raises Invalid on `files` (`too_large`, `too_many`), TransitionNotAllowed where nothing can be written any more.
    """
    return _add(ticket, lambda: file_actions.store(upload, now=now), by=by, now=now)


def keep_copy(ticket: Ticket, attachment: Attachment, *, origin: str, by: Actor, now: datetime) -> Upload:
    """Lay a copy of a file beside the person's text; the one that lies there already where `origin` is the same."""
    known = Upload.objects.of(ticket.pk, by).filter(origin=origin).first()
    if known is not None:
        return known
    return _add(ticket, lambda: file_actions.copy(attachment, now=now), by=by, now=now, origin=origin)


@transaction.atomic
def _add(ticket: Ticket, store: Callable[[], Attachment], *, by: Actor, now: datetime, origin: str = "") -> Upload:
    """Hang what `store` writes on the person and the ticket. Bytes of what is refused are swept with the orphans."""
    if ticket.status in lifecycle.ENDED:
        raise TransitionNotAllowed(state=ticket.status)
    attachment = store()
    Ticket.objects.select_for_update(of=("self",)).only("pk").get(pk=ticket.pk)  # two at once are counted one by one
    mine = Upload.objects.of(ticket.pk, by)
    if origin and (known := mine.filter(origin=origin).first()):
        file_actions.discard([attachment])
        return known
    if mine.count() >= MOST:
        raise Invalid.field("files", "too_many", _("A message takes 20 files at most: send these first."))
    assert by.id is not None  # noqa: S101 - whoever may write on a ticket has one
    upload = Upload.objects.create(
        ticket=ticket, owner_kind=str(by.kind), owner_id=by.id, attachment=attachment, origin=origin, created_at=now
    )
    _remember(ticket.pk, by)
    return upload


def lay(ticket: Ticket, attachments: Iterable[Attachment], *, user_id: int, now: datetime) -> None:
    """Lay files of a message that did not leave beside its author's text again. 1 query, 0 for none."""
    rows = [
        Upload(ticket=ticket, owner_kind=ActorKind.USER, owner_id=user_id, attachment=file, created_at=now)
        for file in attachments
    ]
    Upload.objects.bulk_create(rows)
    if rows:
        _remember(ticket.pk, Actor(ActorKind.USER, id=user_id))


def hand_on(ticket: Ticket, *, user_id: int, to: int) -> None:
    """Lay what one person has ready beside the text of another, who goes on with it. 1 query."""
    theirs = Upload.objects.filter(ticket=ticket, owner_kind=ActorKind.USER, owner_id=user_id)
    if theirs.update(owner_id=to, origin=""):
        _remember(ticket.pk, Actor(ActorKind.USER, id=to))


def has_some(ticket: Ticket, by: Actor) -> bool:
    """Whether the person may have files ready: asked of the cache, so that pages without any pay no query.

    Beside a draft they lie for as long as that, and the cache does not know how long.
    """
    has_drafts = ticket.drafts_since is not None and by.works_tickets(ticket.desk_id)
    return has_drafts or cache.get(_flag(ticket.pk, by)) is not None


def _remember(ticket_id: int, by: Actor) -> None:
    """Say that there may be some, no more."""
    cache.set(_flag(ticket_id, by), 1, int(KEPT.total_seconds()))


def _flag(ticket_id: int, by: Actor) -> str:
    return f"uploads/{ticket_id}/{by.kind}/{by.id}"


def waiting(ticket: Ticket, by: Actor) -> list[Upload]:
    """What the person has ready for the ticket, with the files. 1 query, none where the cache knows of nothing."""
    if not has_some(ticket, by):
        return []
    return list(Upload.objects.of(ticket.pk, by).select_related("attachment")[:MOST])


@transaction.atomic
def remove(ticket: Ticket, pk: int, *, by: Actor) -> bool:
    """Throw one away; False where it is gone already, or somebody else's."""
    mine = Upload.objects.of(ticket.pk, by).select_for_update(of=("self",)).select_related("attachment")
    upload = mine.filter(pk=pk).first()
    if upload is not None:
        upload.delete()
        file_actions.discard([upload.attachment])
    return upload is not None


def claim(ticket: Ticket, ids: Sequence[int], *, by: Actor) -> list[Attachment]:
    """Take files out of what is ready, for a message that is written in the caller's transaction. 0 or 2 queries.

    Only the person's own for this ticket, each once, in the order of `ids`. Fewer than were named come back where
    one was sent, taken out or swept meanwhile: the caller says whether the message may go without.
    """
    if not ids:
        return []
    mine = Upload.objects.of(ticket.pk, by).select_for_update(of=("self",)).select_related("attachment")
    found = {upload.pk: upload.attachment for upload in mine.filter(pk__in=ids)}
    Upload.objects.filter(pk__in=list(found)).delete()
    return [found[pk] for pk in ids if pk in found]


def gone() -> Invalid:
    """The refusal of a message that names a file which is not there any more."""
    return Invalid.field(
        "files", "gone", _("A file is not there any more: it was sent already, or a day passed. Attach it again.")
    )


def sweep(*, now: datetime) -> int:
    """Throw away what nobody sent within a day; return how many. What is being sent at this moment is left.

    Files beside a draft wait as long as the draft does.
    """
    drafts = Draft.objects.filter(ticket=OuterRef("ticket"), user_id=OuterRef("owner_id"))
    beside_a_draft = Q(owner_kind=ActorKind.USER) & Exists(drafts)
    total = 0
    while True:
        with transaction.atomic():
            old = (
                Upload.objects.filter(~beside_a_draft, created_at__lt=now - KEPT)
                .select_related("attachment")
                .order_by("id")
            )
            rows = list(old.select_for_update(of=("self",), skip_locked=True)[:BATCH])
            Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
            file_actions.discard(row.attachment for row in rows)
        total += len(rows)
        if len(rows) < BATCH:
            return total


def ids_of(values: Sequence[str]) -> list[int]:
    """The ids that a form names, once each; what is no number is left out."""
    named = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    return list(dict.fromkeys(named))[: MOST + 1]
