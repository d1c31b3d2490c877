"""Loading the demo's history where nothing is: the same each time, and no accounts before it."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from helpdesk.history import loading
from tests.helpdesk.test_demo_history import NOW, ROOT, SMALL, fingerprint
from tests.helpdesk.test_demo_history import small as small  # a fixture

pytestmark = pytest.mark.django_db


def test_it_is_the_same_for_the_same_seed_and_instant(small: None) -> None:
    for slug in SMALL:
        call_command("load_desk", str(ROOT / "desks" / "data" / f"{slug}.yaml"), stdout=StringIO())
    told = []
    for _time in range(2):
        undo = transaction.savepoint()
        loading.load(now=NOW, seed=7)
        told.append(fingerprint())
        transaction.savepoint_rollback(undo)

    assert told[0] == told[1] != []


def test_without_history_there_are_no_accounts(settings: Any) -> None:
    settings.DEMO = True

    with pytest.raises(CommandError):
        call_command("demo_accounts", stdout=StringIO())
