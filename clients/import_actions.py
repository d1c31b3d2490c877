"""Bring in clients from a file, and take an import back. A manager of the desk may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import Field, Model, ProtectedError
from django.utils.translation import gettext as _

from clients import planlisteners
from clients.imports import companies, lines, planning
from clients.imports.planning import KINDS, Planned
from clients.models import Branch, Client, ClientImport, ContactLink, Contract, ImportChange, TaxId
from core import localtime
from core.actor import MANAGER, Actor
from core.errors import Conflict, Forbidden
from desks.models import Desk
from files import actions as file_actions
from files import tables

State = ClientImport.State
_KIND: Final[Mapping[str, type[Model]]] = {kind.__name__.lower(): kind for kind in KINDS}
_TRIES: Final = 2


def upload(desk: Desk, data: bytes, *, filename: str, by: Actor, now: datetime) -> ClientImport:
    """Keep the file and count what it would change; nothing is changed yet.

    Raises Invalid on `file` for one that cannot be used.
    """
    user_id = _manager(desk, by)
    planned = _plan(desk, data, now)
    with transaction.atomic():
        file = file_actions.store(ContentFile(data, name=filename), now=now, field="file")
        if file.secret_like:  # sealed like a key by its name: nothing could read it again
            raise tables.unreadable("file")
        return ClientImport.objects.create(
            desk=desk,
            file=file,
            summary=planned.summary(),
            created_by_id=user_id,
            created_at=now,
        )


def preview(imported: ClientImport, *, now: datetime) -> Planned:
    """What the file would change at this moment. 8 queries."""
    with default_storage.open(imported.file.storage_key) as kept:
        return _plan(imported.desk, kept.read(), now)


def _plan(desk: Desk, data: bytes, now: datetime) -> Planned:
    read = lines.read(tables.read(data))
    today = now.astimezone(localtime.zone(desk.timezone)).date()
    return planning.plan(desk, read, companies.group(read), today=today, now=now)


def apply(imported: ClientImport, *, by: Actor, now: datetime) -> ClientImport:
    """Write what the rows without errors say, all of it or nothing. Applying twice is applying once.

    Imports of a vendor wait for each other. Whoever else writes one of these RFCs or addresses meanwhile makes it
    begin again, with what they wrote. Raises Conflict (`import_undone`) for one that was taken back.
    """
    _manager(imported.desk, by)
    for _again in range(_TRIES - 1):
        try:
            return _apply(imported, by=by, now=now)
        except IntegrityError:
            continue
    return _apply(imported, by=by, now=now)


@transaction.atomic
def _apply(imported: ClientImport, *, by: Actor, now: datetime) -> ClientImport:
    kept = _locked(imported)
    if kept.state == State.UNDONE:
        raise Conflict(_("This file was taken back: bring it in again as a new one."), code="import_undone")
    if kept.state == State.APPLIED:
        return kept
    planned = preview(kept, now=now)
    _write(kept, planned)
    planlisteners.changed(_of_contracts(planned), now=now)
    kept.state, kept.applied_by_id, kept.applied_at = State.APPLIED, by.user_id, now
    kept.summary = planned.summary()
    kept.save(update_fields=["state", "applied_by", "applied_at", "summary"])
    return kept


def _of_contracts(planned: Planned) -> set[int]:
    """The companies of which the file makes or changes a contract."""
    rows = [*planned.made[Contract], *(change.row for change in planned.changes)]
    return {row.client_id for row in rows if isinstance(row, Contract)}


def _locked(imported: ClientImport) -> ClientImport:
    """The row, under its lock and the one of its vendor's imports."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('client-import'), %s)", [imported.desk.vendor_id])
    return (
        ClientImport.objects.select_for_update(of=("self",))
        .select_related("desk", "file")
        .get(pk=imported.pk, desk=imported.desk_id)
    )


def _write(imported: ClientImport, planned: Planned) -> None:
    """Make and change the rows, and remember each with what it was."""
    done = []
    for kind in KINDS:
        for row in kind._default_manager.bulk_create(planned.made[kind]):
            done.append(_change(imported, row, before=None, after={}))
    for change in planned.changes:
        change.row.save(update_fields=list(change.fields))
        before = {name: _text(values[0]) for name, values in change.fields.items()}
        after = {name: _text(values[1]) for name, values in change.fields.items()}
        done.append(_change(imported, change.row, before=before, after=after))
    ImportChange.objects.bulk_create(done)


def _change(imported: ClientImport, row: Model, **values: Any) -> ImportChange:
    return ImportChange(imported=imported, kind=type(row).__name__.lower(), row_id=row.pk, **values)


def _text(value: Any) -> str | bool | int | None:
    return value if value is None or isinstance(value, bool | int) else str(value)


# ------------------------------------------------------------------ taking it back


@transaction.atomic
def undo(imported: ClientImport, *, by: Actor, now: datetime) -> ClientImport:
    """Take an import back: what it gave people to see ends, companies that it made are deactivated, fields get back
    what they were, unless somebody has changed them since. Undoing twice is undoing once.

    Rows that something else points at by now stay; `summary["kept"]` says how many. People stay: they see nothing
    without a link. Raises Conflict (`not_applied`) for one that was never applied.
    """
    _manager(imported.desk, by)
    kept = _locked(imported)
    if kept.state == State.PREVIEW:
        raise Conflict(_("This file was not applied: there is nothing to take back."), code="not_applied")
    if kept.state == State.UNDONE:
        return kept
    changes = list(kept.changes.order_by("-pk"))
    made = {(change.kind, change.row_id) for change in changes if change.before is None}
    contracts = [change.row_id for change in changes if change.kind == "contract"]
    owners = set(Contract.objects.filter(pk__in=contracts).values_list("client_id", flat=True))
    n_kept = sum(not _take_back(change, made) for change in changes)
    planlisteners.changed(owners, now=now)
    kept.state, kept.undone_by_id, kept.undone_at = State.UNDONE, by.user_id, now
    kept.summary = {**kept.summary, "kept": n_kept}
    kept.save(update_fields=["state", "undone_by", "undone_at", "summary"])
    return kept


def _take_back(change: ImportChange, made: set[tuple[str, int]]) -> bool:
    """Whether the change is gone afterwards."""
    kind = _KIND[change.kind]
    row = kind._default_manager.filter(pk=change.row_id).first()
    if row is None:
        return True
    if change.before is not None:
        return _set_back(row, change)
    return _UNDO.get(kind, _leave)(row, made)


def _set_back(row: Model, change: ImportChange) -> bool:
    assert change.before is not None  # noqa: S101 - a change of fields
    untouched = [name for name, value in change.after.items() if _text(getattr(row, name)) == value]
    for name in untouched:
        field = cast("Field[Any, Any]", row._meta.get_field(name))
        setattr(row, name, field.to_python(change.before[name]))
    if untouched:
        row.save(update_fields=untouched)
    return len(untouched) == len(change.after)


def _deactivate(row: Model, made: set[tuple[str, int]]) -> bool:
    Client.objects.filter(pk=row.pk).update(is_active=False)
    return True


def _delete(row: Model, made: set[tuple[str, int]]) -> bool:
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        return False
    return True


def _delete_rfc(row: Model, made: set[tuple[str, int]]) -> bool:
    """An RFC stays with the company that came with it, so that the same file finds both again."""
    if isinstance(row, TaxId) and ("client", row.client_id) in made:
        return True
    return _delete(row, made)


def _leave(row: Model, made: set[tuple[str, int]]) -> bool:
    return True


_UNDO: Final[Mapping[type[Model], Callable[[Model, set[tuple[str, int]]], bool]]] = {
    Client: _deactivate,
    TaxId: _delete_rfc,
    Branch: _delete,
    ContactLink: _delete,
    Contract: _delete,
}


def _manager(desk: Desk, by: Actor) -> int:
    """The account of the manager. Raises Forbidden for anybody else."""
    if not by.has_role(desk.pk, MANAGER) or by.user_id is None:
        raise Forbidden
    return by.user_id
