"""The two desks of the seeds, loaded from their own files, and the cast that the tests name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tickets.cast import Imx, load_desk

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def imx(db: None) -> Imx:
    """The desk `invoice-mx` with its people."""
    return Imx(load_desk("invoice-mx"))


@pytest.fixture
def imx_committed(transactional_db: None) -> Imx:
    """The same, committed, for tests with threads and connections of their own."""
    return Imx(load_desk("invoice-mx"))


@pytest.fixture
def office_hour() -> datetime:
    """Tuesday 17 November 2026, 10:42 in Mexico City: the desk is open."""
    return datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


@pytest.fixture
def saturday_afternoon() -> datetime:
    """Saturday 21 November 2026, 15:20 in Mexico City: closed until Monday 09:00."""
    return datetime(2026, 11, 21, 21, 20, tzinfo=UTC)
