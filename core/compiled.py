"""Reads that are compiled once: the SQL of a queryset is kept, later calls bind their parameters only.

Turning a queryset of joined rows into SQL costs Django more than answering it costs PostgreSQL. The
reads that stand behind every page and every filing are therefore written as functions of their
parameters, asked once with placeholders:

    @compiled
    def _of_slug(slug: Any) -> QuerySet[Desk]:
        return Desk.objects.active().select_related("vendor").filter(slug=slug)

    desk = _of_slug.first(slug="invoice-mx")

A parameter may stand wherever an expression may (`filter(slug=slug)`, `pk__gt=pk`); a list of
values stands in `OneOf`. Values are bound as the driver takes them. The shape may not
depend on a value, and nothing is prefetched.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, Expression, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils.functional import cached_property

Row = TypeVar("Row")


class Param(Expression):
    """The place of a value that is not known yet."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class OneOf(Func):
    """Whether a column is among the values of a parameter that is a list: `filter(OneOf("pk", ids))`."""

    output_field = BooleanField()
    arity = 2

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: Any, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        (column, before), (values, after) = map(compiler.compile, self.get_source_expressions())
        return f"{column} = ANY({values})", (*before, *after)


@dataclass(frozen=True)
class _Plan:
    """A compiled queryset: its text (none where it can have no rows), and the order of the parameters in it."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]

    @cached_property
    def converters(self) -> dict[int, Any]:
        """How the values of each column are read: of a row with its desk, client and people some two hundred."""
        return self.compiler.get_converters(self._columns)

    @cached_property
    def has_composite(self) -> bool:
        return self.compiler.has_composite_fields(self._columns)

    @property
    def _columns(self) -> list[Any]:
        return [column for column, _sql, _alias in self.compiler.select[: self.compiler.col_count]]

    def compiler_for(self, values: dict[str, Any]) -> SQLCompiler:
        """A compiler of this thread's connection that has its SQL already, and knows how to read the rows."""
        bound = tuple(values[param.name] if isinstance(param, Param) else param for param in self.params)
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[self.queryset.db]
        compiler.as_sql = lambda *args, **kwargs: (self.sql, bound)  # type: ignore[method-assign]
        compiler.get_converters = lambda expressions: self.converters  # type: ignore[method-assign]
        compiler.has_composite_fields = lambda expressions: self.has_composite  # type: ignore[method-assign]
        return compiler


class _Query:
    """What Django's iterables ask of a query: its compiler, and else what the compiled one says."""

    def __init__(self, plan: _Plan, values: dict[str, Any]) -> None:
        self._plan, self._values = plan, values

    def get_compiler(self, using: str) -> SQLCompiler:
        return self._plan.compiler_for(self._values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plan.queryset.query, name)


class _Asked:
    """What Django's iterables ask of a queryset."""

    def __init__(self, plan: _Plan, values: dict[str, Any]) -> None:
        self.db = plan.queryset.db
        self.query = _Query(plan, values)
        self._fields = plan.queryset._fields  # type: ignore[attr-defined]
        self._known_related_objects = dict[Any, Any]()


class Compiled(Generic[Row]):
    """A queryset by its parameters. Made by `compiled`; compiled when it is first asked."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._plan: _Plan | None = None
        self.__doc__ = build.__doc__

    def __call__(self, **values: Any) -> list[Row]:
        """The rows. 1 query, none where the queryset cannot have any."""
        plan = self._plan or self._compile()
        if not plan.sql:
            return []
        rows: Any = plan.queryset._iterable_class(cast(Any, _Asked(plan, values)))
        return list(rows)

    def first(self, **values: Any) -> Row | None:
        """The first of the rows that the queryset is limited to."""
        return next(iter(self(**values)), None)

    def _compile(self) -> _Plan:
        queryset = self._build(**{name: Param(name) for name in signature(self._build).parameters})
        compiler = queryset.query.get_compiler(queryset.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # an empty list among its conditions
            sql, params = "", ()
        self._plan = _Plan(queryset, compiler, sql, tuple(params))
        return self._plan


def compiled(build: Callable[..., QuerySet[Any, Row]]) -> Compiled[Row]:
    """Keep the SQL of the queryset that the function makes of its parameters."""
    return Compiled(build)
