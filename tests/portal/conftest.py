"""The desks of the seeds as their clients meet them, and a clock that stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from schedules import queries as schedule_queries
from tests import factories
from tests.tickets.cast import Imx, load_desk

Clock = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the pages read this instant: `at(NIGHT)`. Office hours until told otherwise."""

    def stand(instant: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    stand(factories.OFFICE)
    return stand


@pytest.fixture
def imx(db: None, at: Clock) -> Imx:
    """The desk `invoice-mx` as its file has it."""
    return Imx(load_desk("invoice-mx"))


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let calendars and rotas be believed, as a while after the last change: for counting statements.

    For as long as the test lasts, however slow the machine is.
    """
    monkeypatch.setattr(schedule_queries, "FRESH_SECONDS", 3600.0)

    def trust() -> None:
        for kept in vars(schedule_queries).values():
            getattr(kept, "_doubted", {}).clear()

    return trust


@pytest.fixture
def cast(db: None, at: Clock) -> factories.Cast:
    """A desk with its people and two companies, whose clients have accounts."""
    return factories.Cast()
