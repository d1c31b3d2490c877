"""Templates of no real notice, so that these tests do not depend on what other apps say."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from pytest_django import Settings

from notifications import outcomes


@pytest.fixture(autouse=True)
def _sample_templates(settings: Settings) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    settings.TEMPLATES = templates


@pytest.fixture
def outcome_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test register outcomes without leaving them behind."""
    monkeypatch.setattr(outcomes, "_table", dict(outcomes._table))
