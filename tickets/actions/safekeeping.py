"""Secrets that somebody wrote or attached openly: into the vault, a mark in their place, and the sender is told.

"Secrets are caught at the one action that adds text or files" (architecture, section 6, rule 8). What
holds none costs a look at the text and no statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clients import vault
from clients.models import Contact
from core import passwords
from core.actor import Actor
from files import actions as file_actions
from files.models import Attachment
from tickets import links
from tickets.actions import record, telling
from tickets.actions.vaultcase import TicketCase, topic
from tickets.intake import Intake
from tickets.models import Message, Ticket

FILE_MARK: Final = "[archivo %s guardado en la bóveda]"


@dataclass(frozen=True, slots=True)
class Caught:
    """What may be written, and what goes to the vault instead."""

    text: str
    files: tuple[Attachment, ...]
    secret_files: tuple[Attachment, ...]
    found: passwords.Caught

    @property
    def any(self) -> bool:
        return bool(self.secret_files or self.found.lines)

    @property
    def names(self) -> str:
        """What was caught, as people call it: `contraseña, csd.key`."""
        kinds = [str(vault.Kind(kind).label) for kind in self.found.kinds]
        return ", ".join([*kinds, *(file.filename for file in self.secret_files)])


def catch(text: str, files: Sequence[Attachment] = ()) -> Caught:
    """Tell what is secret from what is not; 0 queries."""
    found = passwords.caught(text)
    secret = tuple(file for file in files if file.secret_like)
    marks = [FILE_MARK % file.filename for file in secret]
    return Caught(
        "\n".join([*([found.text] if found.text.strip() else []), *marks]) if marks else found.text,
        tuple(file for file in files if not file.secret_like),
        secret,
        found,
    )


def of_report(intake: Intake) -> Caught:
    """What a report brings in its subject, its description and its files."""
    return catch(f"{intake.subject}\n{intake.description}", intake.files)


def keep(ticket: Ticket, caught: Caught, *, by: Actor, now: datetime, internal: bool = False, piece: str = "") -> None:
    """Put what was caught into the vault of a locked ticket, say so on the timeline and to who sent it.

    `piece` names the text that it was caught in (`of_message`, `of_reply`), and goes where that goes.
    """
    if not caught.any:
        return
    rows = vault.keep(TicketCase(ticket), _items(caught, now), by=by, now=now, piece=piece)
    ticket.vault_since = ticket.vault_since or now
    kinds = sorted({row.kind for row in rows})
    entry = record.record(ticket, "secret_caught", by=by, now=now, public=not internal, kinds=kinds, n=len(rows))
    told: dict[str, Any] = {
        "key": f"vault/caught/{entry.pk}",
        "now": now,
        "item": caught.names,
        "until": now + vault.LIFETIME,
    }
    if by.third_party_id is not None:
        return  # they read in their thread that it was taken out; the client is told nothing of that thread
    if not by.works_tickets(ticket.desk_id):
        telling.client(ticket, "vault_caught", **told, **_to_sender(ticket, by))
    elif by.user_id is not None:
        telling.team(ticket, [by.user_id], "vault_caught", **told)


def of_message(pk: int) -> str:
    """What the vault calls a message."""
    return f"message/{pk}"


def of_reply(pk: int) -> str:
    """What the vault calls a reply that is on its way, before it is a message."""
    return f"reply/{pk}"


def pressed_again(ticket: Ticket, draft: int, reply: int) -> None:
    """A reply that was taken back is on its way again as another row. 1 query, 0 without a vault."""
    if ticket.vault_since is not None:
        vault.rename(topic(ticket), of_reply(draft), of_reply(reply))


def became(ticket: Ticket, reply: int) -> None:
    """The reply on its way has become the newest message of a locked ticket. 2 queries, 0 without a vault."""
    if ticket.vault_since is not None:
        newest = Message.objects.filter(ticket=ticket).order_by("-seq").values_list("pk", flat=True)[0]
        vault.rename(topic(ticket), of_reply(reply), of_message(newest))


def follow(messages: Sequence[int], *, source: Ticket, target: Ticket, now: datetime) -> int:
    """Take what was caught in these messages to the ticket to which they were taken; return how many there are.

    Both are locked, and saved by the caller. 0 queries where the source never had anything in the vault.
    """
    if source.vault_since is None:
        return 0
    n = vault.hand_over([of_message(pk) for pk in messages], topic=topic(source), into=topic(target))
    if n:
        target.vault_since = target.vault_since or now
    return n


def has_more(ticket: Ticket, messages: Sequence[int]) -> bool:
    """Whether its vault holds, or was asked for, something besides what was caught in these messages."""
    return ticket.vault_since is not None and vault.has_more(topic(ticket), [of_message(pk) for pk in messages])


def _to_sender(ticket: Ticket, by: Actor) -> dict[str, Any]:
    """A colleague of the requester's is told at their own address, with the page that they may open. 0 or 1 query."""
    if by.user_id is None or ticket.requester_id in by.contact_ids:
        return {}
    own = Contact.objects.filter(pk__in=list(by.contact_ids), vendor_id=ticket.desk.vendor_id).exclude(email="").first()
    return {"recipient": own.email, "url": links.staff_url(ticket)} if own else {}


def _items(caught: Caught, now: datetime) -> list[vault.Item]:
    items = [vault.values_item(kind, {"text": "\n".join(caught.found.lines)}) for kind in caught.found.kinds[:1]]
    for file in caught.secret_files:
        content = file_actions.surrender(file, now=now)
        if content is not None:
            items.append(vault.file_item(file.filename, content))
    return items
