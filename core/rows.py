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

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, cast

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

_DEFAULT: Final = "DEFAULT"


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
        self._parts: list[_Part] = []
        self._inserts: dict[tuple[str, str], _Part] = {}

    def insert(self, *instances: Model, on_conflict: str = "") -> None:
        """Add rows of one table; what has no id gets one unseen. `on_conflict` is the clause of that name."""
        for instance in instances:
            fields = _fields(type(instance), with_id=instance.pk is not None)
            values = [_value(instance, column, add=True) for column in fields]
            marks = ", ".join("DEFAULT" if value is _DEFAULT else "%s" for value in values)
            self.values(
                f"{_into(type(instance), fields)} VALUES",
                f"({marks})",
                [value for value in values if value is not _DEFAULT],
                on_conflict,
            )
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
        values = [_value(instance, field, add=False) for field in fields]
        self.add(f'UPDATE "{table}" SET {columns} WHERE "{pk.column}" = %s', [*values, instance.pk])  # noqa: S608

    def add(self, statement: str, params: Sequence[Any]) -> None:
        """Add any statement that changes rows; its text is constant, its values are in `params`."""
        self._parts.append(_Part(statement, list(params)))

    def write(self) -> None:
        """Write all of it. 1 query, none when there is nothing."""
        parts, self._parts, self._inserts = self._parts, [], {}
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
    columns = ", ".join(["ARRAY(SELECT nextval(%s::text::regclass) FROM generate_series(1, %s))"] * len(wanted))
    params = [value for table, n in wanted.items() for value in (f"{table}_id_seq", n)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", params)
        return dict(zip(wanted, cursor.fetchone(), strict=True))


# ------------------------------------------------------------------ text and values


@lru_cache(maxsize=256)
def _fields(model: type[Model], *, with_id: bool) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in model._meta.local_concrete_fields if with_id or not field.primary_key)


@lru_cache(maxsize=256)
def _into(model: type[Model], fields: tuple[Field[Any, Any], ...]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns})'


def _value(instance: Model, field: Field[Any, Any], *, add: bool) -> Any:
    value = field.pre_save(instance, add)
    return _DEFAULT if isinstance(value, DatabaseDefault) else field.get_db_prep_save(value, connection)
