"""Stories in a real browser against a live server, at an hour that the test chooses."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, Page, sync_playwright

from tests import factories
from tests.design.preview import CHROMIUM, FLAGS

Clock = Callable[[datetime], None]

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
NARROW = 360
# A folder: each page that a journey looks at is also kept there as pictures, wide and narrow, light and dark.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        # The synchronous API runs a loop, which Django takes for an asynchronous caller.
        before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        found = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the server read this instant; office hours until told otherwise."""

    def stand(instant: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    stand(factories.OFFICE)
    return stand


class Traffic:
    """The requests that the live server is at."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n = 0
        self._changed_at = time.monotonic()

    def begin(self, **_sent: Any) -> None:
        self._count(1)

    def end(self, **_sent: Any) -> None:
        self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._n += change
            self._changed_at = time.monotonic()

    def settle(self) -> None:
        """Wait until nothing is under way: what a page says as it closes would meet tables that are being emptied."""
        until = time.monotonic() + 5
        while time.monotonic() < until and (self._n > 0 or time.monotonic() - self._changed_at < 0.15):
            time.sleep(0.02)


@pytest.fixture
def traffic() -> Iterator[Traffic]:
    found = Traffic()
    request_started.connect(found.begin)
    request_finished.connect(found.end)
    yield found
    request_started.disconnect(found.begin)
    request_finished.disconnect(found.end)


@pytest.fixture
def visit(
    browser: Browser, live_server: Any, transactional_db: None, at: Clock, traffic: Traffic
) -> Iterator[Callable[[], Page]]:
    """Open a browser of its own for each person: `rosa = visit()`. What its script complains of fails the test."""
    contexts, complaints = [], []

    def arrive() -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale="es-MX",
            timezone_id="America/Mexico_City",
            viewport={"width": 1280, "height": 900},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        return page

    yield arrive
    for context in contexts:
        context.close()
    traffic.settle()
    assert complaints == []


@pytest.fixture
def looked_at(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Hold a page to what every page must be: nothing serious for axe, no sideways scroll at 360 px."""

    def look(page: Page, name: str) -> None:
        found = Axe().run(page, options=AXE).response["violations"]
        serious = [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found if v["impact"] in GRAVE]
        assert serious == [], name
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size({"width": NARROW, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, f"{name} scrolls sideways"
        if PICTURES:
            _picture(page, name)
        page.set_viewport_size(size)

    return look


GRAVE = ("serious", "critical")


def _picture(page: Page, name: str) -> None:
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(400)  # colours fade
            page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
