"""What every test stands on: the services, an empty cache, the Spanish catalogue, and which tests run where."""

import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.translation.reloader import translation_file_changed
from hypothesis import HealthCheck, settings

from helpdesk import messages
from tests import services

# A machine that others use is slow now and then: no test fails by the clock.
settings.register_profile("helpdesk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("helpdesk")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, …; empty in the controller and without xdist


def pytest_configure(config: pytest.Config) -> None:
    if config.option.collectonly or config.option.help:
        return
    if WORKER:
        services.own_redis_database(int(WORKER.removeprefix("gw")))
    else:
        messages.build()
        translation_file_changed(None, Path("django.mo"))  # what an application said while it loaded was of before
        services.ensure()
        # Workers must collect the same tests in the same order, sets in parameters included.
        os.environ.setdefault("PYTHONHASHSEED", str(secrets.randbelow(2**32)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave drills to `make drills` unless they are quick, and journeys out where a person said so."""
    drills_wanted = "drill" in config.option.markexpr or any(
        "drills" in str(name) for name in config.option.file_or_dir
    )
    no_browser = os.environ.get("HELPDESK_NO_BROWSER") == "1"
    if WORKER:
        # What takes long begins first: else one process has journeys left when the others have nothing.
        items.sort(key=lambda item: item.get_closest_marker("journey") is None)
    for item in items:
        if item.get_closest_marker("drill") and not item.get_closest_marker("quick") and not drills_wanted:
            item.add_marker(pytest.mark.skip(reason="a drill: make drills"))
        if item.get_closest_marker("journey"):
            item.user_properties.append(("journey", "yes"))  # counted by scripts/journeys_ran.py
            if no_browser:
                item.add_marker(pytest.mark.skip(reason="HELPDESK_NO_BROWSER=1"))


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Keep the tables of our own server for the next run: making them takes longer than most tests."""
    return bool(request.config.option.reuse_db) or services.schema_mark(WORKER) is not None


@pytest.fixture(scope="session")
def django_db_createdb(request: pytest.FixtureRequest) -> bool:
    """Make them anew when a migration changed."""
    mark = services.schema_mark(WORKER)
    known = mark is None or (mark.exists() and mark.read_text() == services.schema())
    return bool(request.config.option.create_db) or not known


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_createdb: bool, django_db_blocker: Any) -> None:
    """Remember what the tables were made by; throw away rows that a run which was killed left in them."""
    mark = services.schema_mark(WORKER)
    if mark is not None and django_db_createdb:
        mark.write_text(services.schema())
    elif mark is not None:
        with django_db_blocker.unblock():
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    services.empty_redis()
