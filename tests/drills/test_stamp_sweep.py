"""Fifty accounts run out, and the process that sweeps them is killed again and again: each is told once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from notifications.models import Notification
from stamps.models import StampAccount, StampDay, StampWarning
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import open_account

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
N_ACCOUNTS = 50
SWEEP = """
import django; django.setup()
from datetime import datetime
from stamps.actions import sweeping
sweeping.sweep(now=datetime.fromisoformat({now!r}))
"""


def sweep() -> subprocess.Popen[bytes]:
    """A sweep of the test's database, in a process of its own."""
    values = connection.settings_dict
    database = f"{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings.dev",
        "DATABASE_URL": f"postgresql://{database}",
        "DOORBELL": "0",
    }
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP.format(now=OFFICE.isoformat())],
        cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def n_told() -> int:
    return StampWarning.objects.count()


def test_each_crossing_is_told_once_whatever_is_killed() -> None:
    cast = Cast()
    for n in range(N_ACCOUNTS):
        rfc = f"XA{chr(65 + n % 26)}{70 + n // 26}0101AB1"
        company = factories.make_client(cast.desk.vendor, f"Empresa {n}", rfc=rfc)
        factories.make_contact(cast.desk.vendor, f"Persona {n}", client=company, email=f"p{n}@cliente.example")
        account = open_account(cast, (rfc,), balance=100)
        StampDay.objects.bulk_create(
            StampDay(account=account, used_on=OFFICE.date() - timedelta(days=day), used=40) for day in range(1, 61)
        )
    StampAccount.objects.update(look_at=OFFICE)

    kills = seen = 0
    while n_told() < N_ACCOUNTS:
        process = sweep()
        deadline = time.monotonic() + 90
        while n_told() < min(N_ACCOUNTS, seen + 8) and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # in the middle of the next account
            kills += 1
        process.wait(10)
        seen = n_told()
    last = sweep()
    assert last.wait(90) == 0

    assert kills >= 2
    told = Counter(StampWarning.objects.values_list("account_id", flat=True))
    assert len(told) == N_ACCOUNTS
    assert set(told.values()) == {1}
    mails = Counter(Notification.objects.filter(template="stamps/warning").values_list("recipient", flat=True))
    assert len(mails) == N_ACCOUNTS
    assert set(mails.values()) == {1}
    assert not StampAccount.objects.filter(look_at__lte=OFFICE).exists()
