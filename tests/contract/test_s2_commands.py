"""Contract, section 2: what the commands print, and with which code they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection

from tests.contract.conftest import Clock
from tests.contract.world import NIGHT_AT, OPEN_AT, OUTAGE, ROOT, World, load_desks

FILES = [ROOT / "desks" / "data" / f"{slug}.yaml" for slug in ("invoice-mx", "facturando")]


def run(name: str, *args: object, **options: Any) -> str:
    out = StringIO()
    call_command(name, *map(str, args), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def _rows() -> dict[str, list[Any]]:
    """Everything that a desk's file could have written."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(("desks_", "schedules_"))]
    tables.append("accounts_user")
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t ORDER BY 1')  # noqa: S608 - our own tables
            found[table] = cursor.fetchall()
    return found


def test_loading_twice_changes_nothing(world: World) -> None:
    before = _rows()
    load_desks()
    assert _rows() == before


@pytest.mark.parametrize("slug", ["invoice-mx", "facturando"])
def test_a_dumped_desk_is_the_desk(world: World, tmp_path: Path, slug: str) -> None:
    text = run("dump_desk", slug)
    file = tmp_path / "desk.yaml"
    file.write_text(text, "utf-8")
    before = _rows()
    run("load_desk", file)
    assert _rows() == before
    assert run("dump_desk", slug) == text


def test_what_the_file_leaves_out_is_deactivated(world: World, tmp_path: Path) -> None:
    desk = yaml.safe_load(FILES[0].read_text("utf-8"))
    ticket = world.client.file(product="conector-erp")
    desk["products"] = [row for row in desk["products"] if row["slug"] != "conector-erp"]
    desk["people"] = [row for row in desk["people"] if not row["email"].startswith("saul")]
    file = tmp_path / "less.yaml"
    file.write_text(yaml.safe_dump(desk, allow_unicode=True), "utf-8")
    run("load_desk", file)
    assert world.client.ask(f"tickets/{ticket['number']}/").json()["product"] == "conector-erp"
    again = world.client.send(
        "tickets/",
        {**OUTAGE, "product": "conector-erp"},
    )
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "product")
    load_desks()
    assert world.client.send("tickets/", {**OUTAGE, "product": "conector-erp"}).status_code == 201


def test_a_bad_file_saves_nothing(world: World, tmp_path: Path) -> None:
    before = _rows()
    text = FILES[0].read_text("utf-8")
    for number, bad in enumerate(
        (
            "",
            "{",
            "[]",
            "5",
            text.replace("timezone: America/Mexico_City", "timezone: America/Atlantis"),
            text.replace('opens: "09:00"', 'opens: "25:00"'),
            text.replace("rota: guardia", "rota: no-hay"),
            text.replace("prefix: IMX", "prefix: FAC"),  # of the other desk
            text + "\nsorpresa: 1\n",
            text.replace("whom: superior", "whom: nobody"),
            "\x00",
        )
    ):
        file = tmp_path / f"{number}.yaml"
        file.write_text(bad, "utf-8")
        with pytest.raises(CommandError):
            run("load_desk", file)
        assert _rows() == before, number
    with pytest.raises(CommandError):
        run("load_desk", tmp_path / "missing.yaml")


def test_demo_accounts_only_in_the_demo(world: World, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        run("demo_accounts", "--format", "json")


def test_a_token_is_printed_and_works(world: World) -> None:
    text = run("issue_token", "karla@invoicemx.example").strip()
    assert "\n" not in text
    answer = world.anonymous.get("/api/v1/tickets/", HTTP_AUTHORIZATION=f"Token {text}")
    assert answer.status_code == 200
    with pytest.raises(CommandError):
        run("issue_token", "nadie@nada.example")


def test_run_due_climbs_the_ladder_once_each(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    number = world.client.file(**OUTAGE)["number"]

    def climbed() -> int:
        events = world.manager.ask(f"tickets/{number}/timeline/").json()
        return sum(event["type"] == "ticket.escalation_step" for event in events)

    steps = []
    for minutes in (0, 9, 10, 10, 20, 35, 36):
        run("run_due", "--now", (NIGHT_AT + timedelta(minutes=minutes)).isoformat())
        steps.append(climbed())
    assert steps == sorted(steps)
    types = {event["type"] for event in world.manager.ask(f"tickets/{number}/timeline/").json()}
    assert steps[1] < steps[2] == steps[3] < steps[4] < steps[5] == steps[6], (steps, types)


def test_run_due_opens_what_was_deferred_and_closes_what_was_silent(world: World, at: Clock) -> None:
    at(NIGHT_AT)
    number = world.client.file()["number"]
    opening = NIGHT_AT.replace(day=18, hour=9, minute=0)
    run("run_due", "--now", (opening - timedelta(seconds=1)).isoformat())
    assert world.client.ask(f"tickets/{number}/").json()["status"] == "deferred"
    run("run_due", "--now", opening.isoformat())
    opened = world.client.ask(f"tickets/{number}/").json()
    assert (opened["status"], opened["lane"]) == ("assigned", "office")
    at(opening)
    world.supervisor.must(number, "resolve", solution="Se explicó por teléfono cómo hacerlo.")
    closes = world.client.ask(f"tickets/{number}/").json()["next_step"]["at"]
    assert closes == "2026-11-20T19:00:00-06:00"  # the end of the second business day after
    run("run_due", "--now", "2026-11-20T18:59:59-06:00")
    assert world.client.ask(f"tickets/{number}/").json()["status"] == "resolved"
    run("run_due", "--now", closes)
    assert world.client.ask(f"tickets/{number}/").json()["status"] == "closed"


def test_untaken_at_closing_moves_to_the_guard(world: World, at: Clock) -> None:
    five_to_two = OPEN_AT.replace(hour=13, minute=55)
    at(five_to_two)
    number = world.client.file(**OUTAGE)["number"]
    assert world.client.ask(f"tickets/{number}/").json()["lane"] == "office"
    run("run_due", "--now", five_to_two.replace(hour=14, minute=0).isoformat())
    moved = world.client.ask(f"tickets/{number}/").json()
    assert (moved["lane"], moved["assignee"]["name"]) == ("on_call", "Iván Rentería")


def test_run_due_wants_an_offset(world: World) -> None:
    for bad in ("2026-11-17T20:10:00", "ayer", ""):
        with pytest.raises(CommandError):
            run("run_due", "--now", bad)


def test_commands_end_with_a_code(tmp_path: Path) -> None:
    """As a shell sees it: not 0 when it failed, the reason on standard error, nothing on standard output."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings.dev", "DEMO": "0"}
    for args in (["load_desk", str(tmp_path / "no.yaml")], ["demo_accounts", "--format", "json"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode != 0, args
        assert done.stdout == ""
        assert done.stderr


def test_the_schema_command_agrees(world: World) -> None:
    """The document that is served is JSON when it is asked for as such."""
    answer = world.anonymous.get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    assert json.loads(answer.content)["openapi"].startswith("3.1")
