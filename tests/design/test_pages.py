"""Every page in a real browser: axe finds nothing serious, nothing scrolls sideways, scripts raise nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.design import preview, samples

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not Path(preview.CHROMIUM).exists(), reason="no Chromium here"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with override_settings(ROOT_URLCONF=preview.URLS), preview.served() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=preview.CHROMIUM, args=preview.FLAGS)
        yield launched
        launched.close()


def opened(browser: Browser, **options: Any) -> tuple[Page, list[str]]:
    """A page of a fresh context, and what its console complains of."""
    view = browser.new_context(locale="es-MX", timezone_id="America/Mexico_City", **options)
    page = view.new_page()
    complaints: list[str] = []
    preview.listen(page, complaints)
    return page, complaints


# Half of the pages each, so that two processes share them.
HALVES = [list(samples.PAGES)[::2], list(samples.PAGES)[1::2]]


@pytest.mark.parametrize("names", HALVES, ids=["even", "odd"])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    address: str, browser: Browser, names: list[str]
) -> None:
    # Without motion: colours change at once, and axe does not look at them half way.
    page, complaints = opened(browser, reduced_motion="reduce")
    found = {}

    for name in names:
        page.set_viewport_size({"width": 1440, "height": 1000})
        page.emulate_media(color_scheme="light")
        page.goto(f"{address}/{name}")
        found[name] = preview.faults(page)
        page.emulate_media(color_scheme="dark")  # of all that axe looks at it changes the colours
        found[f"{name}, dark"] = preview.faults(page, only=["color-contrast"])
        for width in (768, 360):
            page.set_viewport_size({"width": width, "height": 780})
            pixels = preview.sideways(page)
            found[f"{name}, {width}"] = [f"{pixels} px too wide"] if pixels > 0 else []
    page.context.close()

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert complaints == []


def test_pages_work_without_script(address: str, browser: Browser) -> None:
    """The verbs stay reachable: a form or a link to one for each."""
    page, _ = opened(browser, java_script_enabled=False)

    page.goto(f"{address}/ticket")
    page.locator("summary", has_text="No, reabrir").click()
    page.locator("#reopen_reason").fill("Sigue igual")
    page.goto(f"{address}/detail")

    assert page.get_by_role("link", name="Resolver…").get_attribute("href") == "/tickets/IMX-4821/resolve/"
    page.context.close()


def test_the_composer_changes_to_a_note_by_key(address: str, browser: Browser) -> None:
    page, _ = opened(browser)

    page.goto(f"{address}/detail")
    page.keyboard.press("n")

    assert page.locator("[name=kind][value=note]").is_checked()
    assert page.evaluate("document.activeElement.name") == "body"
    page.context.close()


def test_a_key_opens_a_dialog_and_escape_closes_it(address: str, browser: Browser) -> None:
    page, _ = opened(browser)
    one = samples.action("escalate", "Escalar", "Escalar ahora", samples.Reason)
    context = {**samples.action_page(), "action": one}
    drawn = render_to_string("tickets/action.html#dialogo", context, request=RequestFactory().get("/"))
    page.route("**/tickets/IMX-4821/escalate/", lambda route: route.fulfill(body=drawn, content_type="text/html"))

    page.goto(f"{address}/detail")
    page.keyboard.press("e")
    dialog = page.locator("#d-escalate")
    dialog.wait_for(state="visible")
    assert page.evaluate("document.activeElement.name") == "reason"

    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.context.close()


def test_rows_are_walked_and_selected_by_key(address: str, browser: Browser) -> None:
    page, _ = opened(browser, viewport={"width": 1440, "height": 1000})

    page.goto(f"{address}/queue")
    for key in "jjx":
        page.keyboard.press(key)

    assert page.locator("tr[aria-current]").get_attribute("id") == "t-IMX-4828"
    assert page.locator("#t-IMX-4828 [name=sel]").is_checked()
    assert page.get_by_role("region", name="Acciones para la selección").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#t-IMX-4828 [name=sel]").is_checked()
    page.context.close()


def test_keys_are_silent_inside_fields(address: str, browser: Browser) -> None:
    page, _ = opened(browser)

    page.goto(f"{address}/detail")
    page.locator("#redactar textarea").fill("")
    page.locator("#redactar textarea").press_sequentially("entera")

    assert page.locator("dialog[open]").count() == 0
    assert page.locator("#redactar textarea").input_value() == "entera"
    page.context.close()


def test_clocks_are_repainted(address: str, browser: Browser) -> None:
    page, _ = opened(browser)
    page.clock.install()

    page.goto(f"{address}/queue")
    before = page.locator("#t-IMX-4821 .sla b").inner_text()
    page.clock.fast_forward("19:00")

    assert before == "18 min"
    assert page.locator("#t-IMX-4821 .sla b").inner_text() == "−1 min"
    assert page.locator("#t-IMX-4821 .sla").get_attribute("data-tone") == "bad"
    page.context.close()


def test_a_draft_survives_a_reload(address: str, browser: Browser) -> None:
    page, _ = opened(browser)

    page.goto(f"{address}/report")
    page.get_by_label("Resuma el problema en una línea").fill("No timbra desde las 08:50")
    page.get_by_text("En parte").click()
    page.locator("[data-draft-state]", has_text="Borrador guardado").wait_for()
    page.reload()

    assert page.get_by_label("Resuma el problema en una línea").input_value() == "No timbra desde las 08:50"
    assert page.locator("[name=impact][value=partial]").is_checked()
    page.context.close()


def test_a_refused_form_takes_the_focus_to_its_errors(address: str, browser: Browser) -> None:
    page, _ = opened(browser)

    page.goto(f"{address}/report-refused")

    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "errors"
    page.get_by_role("link", name="respaldo_bd.zip").click()
    assert page.evaluate("document.activeElement.id || location.hash").lstrip("#") == "id_files"
    page.context.close()


def test_a_file_that_is_too_big_is_told_at_once(address: str, browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser)
    small, big = tmp_path / "factura.xml", tmp_path / "respaldo.zip"
    small.write_text("<xml/>")
    with big.open("wb") as sink:
        sink.truncate(26 * 1024 * 1024)

    page.goto(f"{address}/report")
    page.locator("#id_files").set_input_files([small, big])
    rows = page.locator("[data-file-list] .file")
    assert rows.count() == 2
    assert "el límite es 25 MB" in rows.nth(1).inner_text()

    page.get_by_role("button", name="Quitar respaldo.zip").click()
    assert rows.count() == 1
    assert page.evaluate("document.querySelector('#id_files').files.length") == 1
    page.context.close()


def test_the_theme_is_remembered(address: str, browser: Browser) -> None:
    page, _ = opened(browser, color_scheme="light", viewport={"width": 1440, "height": 1000})

    page.goto(f"{address}/queue")
    page.get_by_role("button", name="Tema oscuro").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}

    assert cookies["theme"] == "dark"
    page.context.close()


def test_the_queue_renews_its_rows_in_place_and_counts_what_is_new(address: str, browser: Browser) -> None:
    page, complaints = opened(browser, viewport={"width": 1440, "height": 1000})
    now = preview.render("queue").replace("<body ", '<body data-stream="/events" ', 1).replace(' data-stream=""', "", 1)
    first, _, rest = now.partition('<tr id="t-IMX-4803"')
    later = f'{first}<tr id="t-IMX-4999"><td>nuevo</td></tr><tr id="t-IMX-4803"{rest}'.replace(
        "hace 14 min", "ahora mismo"
    )
    policy = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": preview.CSP}
    page.route(
        "**/cola/",
        lambda route: route.fulfill(body=later if "x-live" in route.request.headers else now, headers=policy),
    )
    page.route(
        "**/events",
        lambda route: route.fulfill(
            body="retry: 60000\nevent: ticket\ndata: {}\n\n", headers={"Content-Type": "text/event-stream"}
        ),
    )

    page.goto(f"{address}/cola/")
    page.locator("#t-IMX-4828 [name=sel]").check()
    button = page.get_by_text("1 ticket nuevo")
    button.wait_for()

    assert page.locator("#t-IMX-4828").inner_text().endswith("ahora mismo")
    assert page.locator("#t-IMX-4828 [name=sel]").is_checked()
    assert page.locator("#t-IMX-4999").count() == 0
    assert [line for line in complaints if "event" not in line.lower()] == []
    page.context.close()


def test_a_conversation_grows_without_losing_what_is_typed(address: str, browser: Browser) -> None:
    page, _ = opened(browser, viewport={"width": 1440, "height": 1000})
    now = preview.render("detail").replace(' data-stream=""', ' data-stream="/events"', 1)
    later = now.replace("Los espero a las 12:30.", "Los espero a las 12:45.")
    page.route(
        "**/tickets/IMX-4821/",
        lambda route: route.fulfill(
            body=later if "x-live" in route.request.headers else now,
            headers={"Content-Type": "text/html; charset=utf-8"},
        ),
    )
    page.route(
        "**/events",
        lambda route: route.fulfill(
            body="retry: 60000\nevent: ticket\ndata: {}\n\n", headers={"Content-Type": "text/event-stream"}
        ),
    )

    page.goto(f"{address}/tickets/IMX-4821/")
    page.locator("#redactar textarea").fill("Rosa, le confirmo la sesión")
    page.get_by_text("Los espero a las 12:45.").wait_for()

    assert page.locator("#redactar textarea").input_value() == "Rosa, le confirmo la sesión"
    page.context.close()
