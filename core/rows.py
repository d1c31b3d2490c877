"""Rows of several tables, written by one statement.

An action that writes ten rows in nine tables pays nine round trips, and Django's way of making each
statement. Where that is felt (filing, replying) the action collects what it writes and writes it at
its end:

    rows = Rows()
    rows.insert(ticket)
    rows.insert(*events)
    rows.add("UPDATE ... WHERE id = %s", [pk])
    rows.write()

The parts are common table expressions of one statement: they take effect together, none of them sees
what another wrote, and they run in no order: no two may change the same row, and none may make room
under a unique index for another. Rows that others name by id have theirs before they are written
(`new_ids`). The text depends only on the shape, so PostgreSQL keeps its plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault
from django.utils.functional import Promise


@dataclass(slots=True)
class _Part:
    """A statement with its values; of an INSERT the rows so far, written in the order in which they came."""

    text: str
    params: list[Any]
    values: list[str] = field(default_factory=list)
    tail: str = ""

    def __str__(self) -> str:
        return f"{self.text} {', '.join(self.values)} {self.tail}" if self.values else self.text


class Rows:
    """What is to be written. Rows of one table keep the order in which they were said, the tables have none."""

    def __init__(self) -> None:
        self._parts: list[_Part | _Table] = []
        self._inserts: dict[tuple[str, str], _Part] = {}
        self._tables: dict[tuple[_Shape, str], _Table] = {}

    def insert(self, *instances: Model, on_conflict: str = "") -> None:
        """Add rows of one table; what has no id gets one unseen. `on_conflict` is the clause of that name.

        The rows of a table travel as one JSON value: a driver that binds four hundred values one by
        one takes longer than PostgreSQL takes to write them.
        """
        for instance in instances:
            shape = _shape(type(instance), _left_out(instance))
            part = self._tables.get((shape, on_conflict))
            if part is None:
                part = self._tables[shape, on_conflict] = _Table(shape, on_conflict)
                self._parts.append(part)
            part.rows.append(shape.row(instance))
            instance._state.adding, instance._state.db = False, connection.alias

    def values(self, head: str, marks: str, params: Sequence[Any], tail: str = "") -> None:
        """Add a row to `INSERT INTO … VALUES`: its places in brackets, its values, what stands behind all rows."""
        part = self._inserts.get((head, tail))
        if part is None:
            part = self._inserts[head, tail] = _Part(head, [], tail=tail)
            self._parts.append(part)
        part.values.append(marks)
        part.params += params

    def update(self, instance: Model, names: Sequence[str]) -> None:
        """Add the update of a row's columns, by the names of its fields as the model holds them."""
        if not names:
            return
        fields = [cast("Field[Any, Any]", instance._meta.get_field(name)) for name in names]
        columns = ", ".join(f'"{field.column}" = %s' for field in fields)
        table, pk = instance._meta.db_table, instance._meta.pk
        values = [field.get_db_prep_save(field.pre_save(instance, False), connection) for field in fields]
        self.add(f'UPDATE "{table}" SET {columns} WHERE "{pk.column}" = %s', [*values, instance.pk])  # noqa: S608

    def add(self, statement: str, params: Sequence[Any]) -> None:
        """Add any statement that changes rows; its text is constant, its values are in `params`."""
        self._parts.append(_Part(statement, list(params)))

    def write(self) -> None:
        """Write all of it. 1 query, none when there is nothing."""
        parts, self._parts, self._inserts, self._tables = self._parts, [], {}, {}
        if not parts:
            return
        text = ", ".join(f"part{n} AS ({part})" for n, part in enumerate(parts))
        params = [value for part in parts for value in part.params]
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {text} SELECT", params)


@contextmanager
def joined(rows: Rows | None) -> Iterator[Rows]:
    """The rows to add to: the caller's, to be written with theirs; without any, new ones that are written at once."""
    mine = Rows() if rows is None else rows
    yield mine
    if rows is None:
        mine.write()


def new_ids(**wanted: int) -> dict[str, list[int]]:
    """Take ids from the sequences of tables (`tickets_clock=2`). 1 query."""
    ids, _returned = new_ids_with("", [], **wanted)
    return ids


def new_ids_with(statement: str, params: Sequence[Any], **wanted: int) -> tuple[dict[str, list[int]], tuple[Any, ...]]:
    """Take ids, and in the same query what a statement with RETURNING gives: `(ids, the row)`. 1 query."""
    columns = ", ".join(["ARRAY(SELECT nextval(%s::text::regclass) FROM generate_series(1, %s))"] * len(wanted))
    values = [value for table, n in wanted.items() for value in (f"{table}_id_seq", n)]
    ids = f"SELECT {columns}"
    text = f"WITH done AS ({statement}) {ids}, done.* FROM done" if statement else ids
    with connection.cursor() as cursor:
        cursor.execute(text, [*params, *values])
        row = cursor.fetchone()
    return dict(zip(wanted, row, strict=False)), row[len(wanted) :]


# ------------------------------------------------------------------ text and values


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """How rows of a table are written: the statement, and for each column where its value comes from."""

    into: str
    columns: tuple[tuple[str, str, Field[Any, Any] | None], ...]

    def row(self, instance: Model) -> dict[str, Any]:
        """The row by column, as JSON takes it."""
        values = instance.__dict__
        return {
            column: values[name] if field is None else _prepared(instance, field)
            for column, name, field in self.columns
        }


@dataclass(slots=True)
class _Table:
    """Rows of one shape."""

    shape: _Shape
    tail: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def params(self) -> list[Any]:
        return [json.dumps(self.rows, ensure_ascii=False, default=_plain)]

    def __str__(self) -> str:
        return f"{self.shape.into} {self.tail}"


_NONE: Final = frozenset[str]()


def _left_out(instance: Model) -> frozenset[str]:
    """Columns that the database fills in: an id that is not known, and defaults of its own."""
    left = {name for name in _defaulted(type(instance)) if isinstance(instance.__dict__.get(name), DatabaseDefault)}
    pk = instance._meta.pk
    if instance.__dict__.get(pk.attname) is None:
        left.add(pk.attname)
    return frozenset(left) if left else _NONE


@lru_cache(maxsize=256)
def _defaulted(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.local_concrete_fields if field.has_db_default())


@lru_cache(maxsize=512)
def _shape(model: type[Model], left_out: frozenset[str]) -> _Shape:
    fields = [field for field in model._meta.local_concrete_fields if field.attname not in left_out]
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'
    rows = f"jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
    return _Shape(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {rows}",  # noqa: S608 - names of our own models
        tuple((str(field.column), field.attname, None if _is_plain(field) else field) for field in fields),
    )


_AUTOMATIC: Final = ("auto_now", "auto_now_add")


def _is_plain(field: Field[Any, Any]) -> bool:
    """Whether the attribute is what is stored: a field of Django's own that changes nothing when it is saved."""
    kind = type(field)
    changes = kind.pre_save is not Field.pre_save and any(getattr(field, name, True) for name in _AUTOMATIC)
    return kind.__module__.startswith("django.") and not changes and not getattr(field, "encoder", None)


def _prepared(instance: Model, field: Field[Any, Any]) -> Any:
    return field.get_db_prep_save(field.pre_save(instance, True), connection)


def _plain(value: Any) -> Any:
    """What JSON has no name for, as PostgreSQL reads it. Raises TypeError for what is no value, as an expression."""
    if isinstance(value, datetime | date | time):
        if isinstance(value, datetime) and value.tzinfo is None:
            raise TypeError("an instant without a zone")
        return value.isoformat()
    if isinstance(value, UUID | Decimal | Promise):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    raise TypeError(f"{type(value).__name__} is no value of a row")
