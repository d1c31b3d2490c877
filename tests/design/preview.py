"""Pictures of every page with illustrative contexts, and what axe says of them.

    python -m tests.design.preview FOLDER [page ...] [--widths 1440,390] [--themes light,dark]

Needs no database: it configures Django with the templates alone. Chromium is the system's (CHROMIUM names another).
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
URLS = "tests.design.preview_urls"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
CSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'"


def configure() -> None:
    """Django with templates, static files and translations, and nothing else."""
    if settings.configured:
        return
    settings.configure(
        BASE_DIR=ROOT,
        SECRET_KEY="preview",
        ROOT_URLCONF=URLS,
        INSTALLED_APPS=["core", "allauth", "template_partials", "django_htmx", "django.contrib.staticfiles"],
        STATIC_URL="/static/",
        STATICFILES_DIRS=[ROOT / "static"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [ROOT / "templates"],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        LANGUAGE_CODE="es-mx",
        LOCALE_PATHS=[ROOT / "locale"],
        USE_I18N=True,
        USE_TZ=True,
    )
    django.setup()


def render(name: str) -> str:
    """The page of that name of `samples.PAGES`."""
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    from tests.design import samples

    template, make = samples.PAGES[name]
    request: Any = RequestFactory().get("/")
    request.htmx = False
    return render_to_string(template, make(), request=request)


class Handler(SimpleHTTPRequestHandler):
    """Pages by name, static files of the project and of the packages, under the policy of production."""

    def do_GET(self) -> None:
        from django.contrib.staticfiles import finders

        from tests.design import samples

        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            self.answer(Path(str(found)).read_bytes() if found else None, self.guess_type(path))
        else:
            name = path.strip("/")
            self.answer(render(name).encode() if name in samples.PAGES else None, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """What scripts tell by themselves: who is there, what is typed."""
        self.send_response(204)
        self.end_headers()

    def answer(self, body: bytes | None, kind: str) -> None:
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", CSP)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of the pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(ROOT)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def sideways(page: Any) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def faults(page: Any, *, only: Sequence[str] = ()) -> list[str]:
    """What axe finds serious or critical, one line each; by all the rules of WCAG 2.2 AA, or only some."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    rules = list(only) or ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
    # Nothing is gathered of what passed: on a long page that is most of what axe does.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", options)
    return [
        f"{v['id']}: {node['target'][0]} {node['html'][:120]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


def listen(page: Any, complaints: list[str]) -> None:
    """Gather what the page's console and scripts complain of."""
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda raised: complaints.append(str(raised)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Pictures of every page.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--widths", default="1440,390")
    parser.add_argument("--themes", default="light,dark")
    options = parser.parse_args()
    configure()
    from playwright.sync_api import sync_playwright

    from tests.design import samples

    options.folder.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width in map(int, options.widths.split(",")):
            for theme in options.themes.split(","):
                view = browser.new_context(
                    viewport={"width": width, "height": 1000 if width > 600 else 844},
                    color_scheme=theme,
                    locale="es-MX",
                    timezone_id="America/Mexico_City",
                )
                page = view.new_page()
                errors: list[str] = []
                listen(page, errors)
                for name in options.pages or samples.PAGES:
                    page.goto(f"{address}/{name}", wait_until="networkidle")
                    page.screenshot(path=options.folder / f"{name}-{width}-{theme}.png")
                    wide = sideways(page)
                    lines = faults(page) + errors + ([f"{wide} px too wide"] if wide > 0 else [])
                    errors.clear()
                    for line in lines:
                        sys.stdout.write(f"{name} {width} {theme}: {line}\n")
                view.close()
        browser.close()


if __name__ == "__main__":
    main()
