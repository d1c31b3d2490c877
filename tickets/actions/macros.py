"""Macros: written by the desk or for oneself, and run on a ticket: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import passwords
from core.actor import Actor
from core.errors import Conflict, DomainError, FieldError, Forbidden, Invalid
from desks import queries as desk_queries
from desks import tag_actions
from desks.models import Desk
from files import actions as file_actions
from files.models import Attachment
from tickets import canned
from tickets.actions import assigning, guards, leaving, messages, progress, record, resolution, tagging
from tickets.actions import canned as canned_actions
from tickets.actions.canned import may_write, tidy
from tickets.actions.drafting import Typed
from tickets.lifecycle import RequestType
from tickets.models import CannedAnswer, CannedFile, Macro, Ticket
from tickets.models import Draft as Reply
from tickets.models.macro import After
from tickets.queries import canned as canned_queries

MOST_OF_DESK: Final = 60
MOST_OWN: Final = 30
MAX_NOTE: Final = 5_000
# What becomes of the ticket with the answer, as a reply on its way says it.
_AFTER: Final = {
    After.SEND: Reply.After.STAY,
    After.WAIT: Reply.After.WAIT,
    After.RESOLVE: Reply.After.RESOLVE,
}


class Stale(Conflict):
    """The ticket is not the one that was looked at: it was run already, or something happened."""

    default_code = "stale"
    default_message = gettext_lazy("The ticket changed meanwhile, and nothing was done: look again before you do it.")


class Refused(Conflict):
    """A step was refused, and with it all of them; `extra["step"]` is its code."""

    default_code = "macro_refused"

    def __init__(self, step: str, refusal: DomainError) -> None:
        why = " ".join(str(error.message) for error in refusal.errors) or str(refusal.message)
        super().__init__(why, extra={"step": step})


# ------------------------------------------------------------------ writing them


@dataclass(frozen=True, slots=True)
class Draft:
    """A macro as somebody wrote it."""

    name: str
    digit: int | None = None
    takes: bool = False
    request_type: str = ""
    affects_operation: bool | None = None
    tags: Sequence[str] = ()
    note: str = ""
    answer_id: int | None = None
    after: str = ""
    assignee_id: int | None = None


@transaction.atomic
def create(desk: Desk, draft: Draft, *, own: bool, by: Actor, now: datetime) -> Macro:
    """Write a new one. Raises Forbidden, Invalid by field."""
    owner_id = by.user_id if own else None
    if not may_write(desk.pk, owner_id, by) or (own and owner_id is None):
        raise Forbidden
    desk = Desk.objects.select_for_update(of=("self",)).select_related("vendor").get(pk=desk.pk)
    same = Macro.objects.filter(desk=desk, owner_id=owner_id)
    if same.filter(is_active=True).count() >= (MOST_OWN if own else MOST_OF_DESK):
        raise Invalid.field("name", "too_many", _("There are too many macros: put away those not in use."))
    macro = Macro(desk=desk, owner_id=owner_id, created_at=now)
    return _write(macro, draft, same, by=by, now=now)


@transaction.atomic
def change(macro: Macro, draft: Draft, *, seen: int, by: Actor, now: datetime) -> Macro:
    """Write it anew. Raises Conflict when it is not the version that was `seen` any more, Forbidden, Invalid."""
    fresh = _locked(macro, by)
    if fresh.version != seen:
        raise Conflict(_("Somebody changed it while you were writing. What you typed is kept; look at theirs first."))
    same = Macro.objects.filter(desk_id=fresh.desk_id, owner_id=fresh.owner_id).exclude(pk=fresh.pk)
    fresh.version += 1
    return _write(fresh, draft, same, by=by, now=now)


@transaction.atomic
def set_active(macro: Macro, active: bool, *, by: Actor, now: datetime) -> Macro:
    """Put it away, or bring it back; without its key where another one has that now. Raises Forbidden."""
    fresh = _locked(macro, by)
    if fresh.is_active != active:
        same = Macro.objects.filter(desk_id=fresh.desk_id, owner_id=fresh.owner_id, is_active=True)
        if active and same.filter(digit=fresh.digit).exists():
            fresh.digit = None
        fresh.is_active, fresh.changed_at, fresh.version = active, now, fresh.version + 1
        fresh.save()
    return fresh


def _locked(macro: Macro, by: Actor) -> Macro:
    desk = Desk.objects.select_for_update(of=("self",)).select_related("vendor").get(pk=macro.desk_id)
    fresh = Macro.objects.select_for_update(of=("self",)).get(pk=macro.pk)
    if not may_write(desk.pk, fresh.owner_id, by):
        raise Forbidden
    fresh.desk = desk
    return fresh


def _write(macro: Macro, draft: Draft, same: Any, *, by: Actor, now: datetime) -> Macro:
    tags, faults = _tags(macro.desk, draft)
    faults += _faults(macro, draft, same, by)
    if faults:
        raise Invalid(errors=faults)
    macro.name, macro.digit, macro.takes = draft.name.strip(), draft.digit, draft.takes
    macro.request_type, macro.affects_operation = draft.request_type, _affects(draft)
    macro.tags, macro.note = tags, tidy(draft.note)
    macro.answer_id, macro.after = draft.answer_id, draft.after if draft.answer_id else ""
    macro.assignee_id, macro.changed_at = draft.assignee_id, now
    macro.save()
    return macro


def _affects(draft: Draft) -> bool | None:
    return draft.affects_operation if draft.request_type else None


def _tags(desk: Desk, draft: Draft) -> tuple[list[str], list[FieldError]]:
    """The tags by slug; those that the desk has not yet are made, as on a ticket."""
    try:
        return (tag_actions.known(desk, draft.tags, "tags") if draft.tags else []), []
    except Invalid as refusal:
        return [], list(refusal.errors)


def _faults(macro: Macro, draft: Draft, same: Any, by: Actor) -> list[FieldError]:
    found = []
    if not draft.name.strip():
        found.append(FieldError("name", "required", _("This is missing.")))
    if draft.digit is not None and same.filter(is_active=True, digit=draft.digit).exists():
        found.append(FieldError("digit", "taken", _("Another macro has this key.")))
    if draft.request_type and draft.affects_operation is None and draft.request_type != RequestType.SYSTEM_DOWN:
        found.append(FieldError("affects_operation", "required", _("Say whether it affects the operation.")))
    found += [FieldError("note", code, message) for code, message in _note_faults(tidy(draft.note))]
    if draft.answer_id is not None:
        found += _answer_faults(macro, draft, by)
    if draft.assignee_id is not None:
        member = desk_queries.config(macro.desk).attendant(draft.assignee_id)
        if member is None:
            found.append(FieldError("assignee", "unknown_person", _("Choose a person of this desk.")))
        if draft.after in {After.WAIT, After.RESOLVE}:  # assigning puts it back to work
            found.append(FieldError("assignee", "contradiction", _("What waits or is solved is not handed on.")))
    if not any((draft.takes, draft.request_type, draft.tags, draft.note.strip(), draft.answer_id, draft.assignee_id)):
        found.append(FieldError("", "empty", _("A macro has to do something: choose at least one step.")))
    return found


def _note_faults(note: str) -> list[tuple[str, str]]:
    found = []
    if len(note) > MAX_NOTE:
        found.append(("max_length", _("The text is too long: at most 5,000 characters.")))
    if names := canned.unknown(note):
        found.append(("unknown_place", _("There is no %s: see the list of what can be filled in.") % ", ".join(names)))
    if passwords.find(note):
        found.append(("secret", _("It holds what looks like a password: everybody at the desk would read it.")))
    return found


def _answer_faults(macro: Macro, draft: Draft, by: Actor) -> list[FieldError]:
    """A macro of the desk sends what is the desk's: nobody else could send somebody's own."""
    answers = CannedAnswer.objects.of_reader(by).active().filter(desk_id=macro.desk_id, pk=draft.answer_id or 0)
    if not (answers if macro.owner_id else answers.filter(owner__isnull=True)).exists():
        return [FieldError("answer", "invalid_choice", _("Choose one of the list."))]
    if draft.after not in After.values:
        return [FieldError("after", "required", _("Say what becomes of the answer."))]
    return []


# ------------------------------------------------------------------ running one


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done, by its code, and the action that does it."""

    code: str
    act: Callable[[Ticket], Any]


def run(ticket: Ticket, macro: Macro, *, by: Actor, now: datetime, version: int, text: str | None = None) -> Ticket:
    """Do all that the macro says, in one transaction, and return the fresh row.

    Each step is the action of its verb, with its guards, events and notices. `version` is the ticket's that was looked
    at: pressed twice, the second time finds another one (Stale). `text` is the answer as somebody looked it over: it
    leaves as any reply of theirs does, in ten seconds, and can be taken back until then. None: as the ticket fills it
    in, at once. Raises Refused with the step that was not possible, Invalid on `text` while something is still to be
    filled in, Forbidden; then nothing happened.
    """
    guards.consultant(ticket, by)
    if not macro.is_active or macro.desk_id != ticket.desk_id or macro.owner_id not in {None, by.user_id}:
        raise Forbidden
    with transaction.atomic():
        fresh = record.locked(ticket.pk)
        if fresh.version != version:
            raise Stale
        said = answer_text(macro, fresh, by=by, now=now) if text is None else text
        if sends(macro) and (left := canned.gaps(said)):
            raise Invalid.field("text", "gaps", _("Still to be filled in: %s.") % ", ".join(left))
        with record.changing(fresh, now=now) as marked:
            record.record(marked, "macro_run", by=by, now=now, macro=macro.pk, name=macro.name)
        answer = _send if text is None else _press
        for step in steps(macro, marked, by=by, now=now, answer=partial(answer, said=said)):
            try:
                step.act(record.locked(ticket.pk))  # as the step before left it
            except DomainError as refusal:
                raise Refused(step.code, refusal) from refusal
        if macro.answer_id is not None and sends(macro):
            canned_actions.count(macro.answer_id)
        return record.locked(ticket.pk)


def sends(macro: Macro) -> bool:
    """Whether its answer goes out when it is run."""
    return macro.after in {After.SEND, After.WAIT, After.RESOLVE}


def answer_text(macro: Macro, ticket: Ticket, *, by: Actor, now: datetime) -> str:
    """The text of its answer as the ticket fills it in; "" for none."""
    return fill(macro.answer.body, ticket, by=by, now=now) if macro.answer is not None else ""


def fill(body: str, ticket: Ticket, *, by: Actor, now: datetime) -> str:
    config = desk_queries.config(ticket.desk)
    return canned.fill(body, canned_queries.values(ticket, config, by, now=now)).text


def steps(
    macro: Macro, ticket: Ticket, *, by: Actor, now: datetime, answer: Callable[..., object] | None = None
) -> list[Step]:
    """What the macro does to this ticket, in order: take, reclassify, tag, note, answer, hand on.

    Handing on comes last: who has handed a ticket on may do no more to it, but for the answer that is on its way. What
    is so already is left out. `answer` sends the answer of the macro on a locked ticket; None where nothing is run.
    """
    common: dict[str, Any] = {"by": by, "now": now}
    found: list[Step] = []
    if macro.takes and (ticket.assignee_id != by.user_id or ticket.status in assigning.TAKEABLE):
        found.append(Step("take", lambda row: assigning.take(row, **common)))
    if macro.request_type:
        affects = macro.request_type == RequestType.SYSTEM_DOWN or bool(macro.affects_operation)
        if (ticket.request_type, ticket.affects_operation) != (macro.request_type, affects):
            found.append(
                Step(
                    "reclassify",
                    lambda row: progress.reclassify(
                        row, request_type=macro.request_type, affects_operation=affects, reason=macro.name, **common
                    ),
                )
            )
    if macro.tags:
        found.append(Step("tag", lambda row: tagging.add(row, tags=macro.tags, **common)))
    if macro.note:
        found.append(
            Step(
                "note",
                lambda row: messages.add_message(row, body=fill(macro.note, row, **common), internal=True, **common),
            )
        )
    if macro.answer_id is not None and sends(macro):
        found.append(Step(str(macro.after), lambda row: answer(row, macro, **common) if answer else None))
    if macro.assignee_id is not None and macro.assignee_id != ticket.assignee_id:
        found.append(Step("assign", lambda row: assigning.assign(row, assignee=macro.assignee_id or 0, **common)))
    return found


def _press(ticket: Ticket, macro: Macro, *, said: str, by: Actor, now: datetime) -> None:
    """Let the answer leave in ten seconds. What was looked at is all that there is: the version says so."""
    typed = Typed(said, after=_AFTER[After(macro.after)], seen_seq=ticket.last_seq)
    leaving.press(ticket, by=by, now=now, typed=typed, files=_files(macro, now))


def _send(ticket: Ticket, macro: Macro, *, said: str, by: Actor, now: datetime) -> None:
    files = _files(macro, now)
    match macro.after:
        case After.RESOLVE:
            resolution.resolve(ticket, by=by, now=now, solution=said, files=files)
        case After.WAIT:
            reason = said.strip()[: progress.MAX_REASON]
            progress.wait(ticket, by=by, now=now, reason=reason, body=said, files=files)
        case _:
            messages.add_message(ticket, by=by, now=now, body=said, files=files)


def _files(macro: Macro, now: datetime) -> list[Attachment]:
    """Copies of the answer's files: each message has its own. Raises Conflict where it was put away."""
    if macro.answer is not None and not macro.answer.is_active:
        raise Conflict(_("Its canned answer was put away."))
    files = CannedFile.objects.filter(answer_id=macro.answer_id).select_related("attachment")
    return [file_actions.copy(file.attachment, now=now) for file in files]
