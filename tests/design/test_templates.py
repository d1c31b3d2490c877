"""Every template parses, keeps to the content security policy, and uses only what exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse

from core import wording
from tests.design import contracts, preview, samples

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if not {"mail", "wake", "email"} & set(path.parts)]
CSS = (ROOT / "static" / "css" / "helpdesk.css").read_text("utf-8")
TAG = re.compile(r"{[%{#].*?[%}#]}", re.DOTALL)
COMMENT = re.compile(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}", re.DOTALL)
# Names that scripts or tests hold on to, and that paint nothing.
UNPAINTED = {"act", "filters", "account", "words", "clock"}


def ids(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT / "templates").as_posix() for path in paths]


@pytest.fixture(params=samples.PAGES)
def page(request: pytest.FixtureRequest, settings: Any) -> str:
    """The HTML of each page with its illustrative context."""
    settings.ROOT_URLCONF = preview.URLS  # its pages lead nowhere; that the names are real is a test of its own
    template, make = samples.PAGES[request.param]
    http = RequestFactory().get("/")
    http.htmx = False  # type: ignore[attr-defined]
    return engines["django"].get_template(template).render(make(), http)


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_parses(path: Path) -> None:
    engines["django"].get_template(path.relative_to(ROOT / "templates").as_posix())


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_keeps_to_the_content_security_policy(path: Path) -> None:
    text = COMMENT.sub("", path.read_text("utf-8"))

    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"\son\w+=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


# The signed link is the whole authority here, and pages without referrer send `Origin: null`.
BY_LINK = {"wake_test.html"}


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_every_post_carries_its_token(path: Path) -> None:
    if path.name in BY_LINK:
        return
    text = COMMENT.sub("", path.read_text("utf-8"))

    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert "{% csrf_token %}" in form


def test_says_only_sentences_that_exist() -> None:
    said = {
        key for path in PAGES for key in re.findall(r"\bsay\.([a-z0-9_]+)", COMMENT.sub("", path.read_text("utf-8")))
    }

    assert said
    assert said <= set(wording.catalogue())


def test_draws_only_icons_that_exist() -> None:
    drawn = {name for path in PAGES for name in re.findall(r'{% icon "(\w+)"', path.read_text("utf-8"))}
    sprite = set(re.findall(r'id="i-(\w+)"', (ROOT / "static" / "icons.svg").read_text("utf-8")))

    assert drawn
    assert drawn <= sprite


def test_uses_only_classes_that_are_painted(page: str) -> None:
    used = {name for value in re.findall(r'class="([^"]*)"', page) for name in value.split()}

    unknown = {name for name in used - UNPAINTED if f".{name}" not in CSS}
    assert not unknown


def test_has_one_heading_of_the_first_level_and_no_id_twice(page: str) -> None:
    found = re.findall(r'\sid="([^"]+)"', page)

    assert page.count("<h1") == 1
    assert sorted(set(found)) == sorted(found)


def test_labels_point_at_controls_that_exist(page: str) -> None:
    found = set(re.findall(r'\sid="([^"]+)"', page))
    wanted = re.findall(r'\b(?:for|aria-labelledby)="([^"]+)"', page)
    described = [name for value in re.findall(r'aria-describedby="([^"]+)"', page) for name in value.split()]

    assert {name for name in (*wanted, *described) if name not in found} == set()


def test_leaves_no_tag_unrendered(page: str) -> None:
    assert not TAG.search(re.sub(r"data-many=\"[^\"]*\"|hx-headers='[^']*'|content='[^']*'", "", page))


def test_addresses_are_called_by_names_that_exist() -> None:
    named = {name for path in PAGES for name in re.findall(r"{% url '(\w+)'", path.read_text("utf-8"))}

    assert named
    for name in named:
        assert reverse(name).startswith("/")


def test_the_page_of_contracts_is_true() -> None:
    assert contracts.PAGE.read_text("utf-8") == contracts.text()


def served_files() -> Iterator[str]:
    for path in PAGES:
        yield from re.findall(r"{% static '([^']+)' %}", path.read_text("utf-8"))


def test_loads_only_files_that_exist() -> None:
    from django.contrib.staticfiles import finders

    missing = {name for name in served_files() if not finders.find(name)}
    assert not missing


def test_the_preview_knows_every_page_of_the_story() -> None:
    shown = {template for template, _ in samples.PAGES.values()}
    frames = {"portal", "tickets", "notifications", "accounts"}
    whole = {
        name
        for name in ids(PAGES)
        if name.split("/")[0] in frames and not name.split("/")[1].startswith("_") and "wake_test" not in name
    }

    assert whole <= shown
    assert preview.CSP.startswith("default-src 'self'")
