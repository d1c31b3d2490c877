"""What every test stands on: the services, an empty cache, a browser's marks."""

import os

import pytest

from tests import services

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, …; empty in the controller and without xdist


def pytest_configure(config: pytest.Config) -> None:
    if config.option.collectonly or getattr(config.option, "help", False):
        return
    if WORKER:
        services.own_redis_database(int(WORKER.removeprefix("gw")))
    else:
        services.ensure()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    services.empty_redis()
