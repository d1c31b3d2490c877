"""A real browser in front of a real server: what the stories of the desk's people stand on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.test import Client as Server
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import User
from tests.design import preview

CHROMIUM: Final = Path(preview.CHROMIUM)
NARROW: Final = 360


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium without its own loop getting in the way of Django's."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as play:
            launched = play.chromium.launch(executable_path=str(CHROMIUM), args=preview.FLAGS)
            yield launched
            launched.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


class Desk:
    """Somebody at their screen: a page of a signed-in browser, and what its console complains of."""

    def __init__(self, browser: Browser, port: int, user: User, **options: Any) -> None:
        self.home = f"http://127.0.0.1:{port}"
        context = browser.new_context(
            locale="es-MX",
            timezone_id="America/Mexico_City",
            **{"viewport": {"width": 1440, "height": 1000}, **options},
        )
        session = Server()
        session.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": self.home}])
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        preview.listen(self.page, self.complaints)

    def goes(self, path: str) -> Page:
        """The page of that address, drawn."""
        self.page.goto(self.home + path, wait_until="domcontentloaded")
        return self.page

    def looks(self) -> None:
        """The page as it stands has no serious fault for axe, and nothing was complained of."""
        assert preview.faults(self.page) == []
        assert self.complaints == []

    def narrow(self, path: str) -> None:
        """The page fits into a small telephone."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": NARROW, "height": 780})
        self.goes(path)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= NARROW, path
        assert preview.faults(self.page) == []
        if before is not None:
            self.page.set_viewport_size(before)

    def leaves(self) -> None:
        """The browser is closed, so that nothing of it stays connected."""
        self.page.context.close()
