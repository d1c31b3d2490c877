"""The rail of the console: each place for whom it is, four of them on a phone."""

from __future__ import annotations

from portal import console


def test_places_by_what_the_person_does() -> None:
    def places(**who: bool) -> list[str]:
        return [item["href"] for item in console._nav("/", n_open=0, **who)]

    assert places(works=True, manages=False) == [
        "/cola/",
        "/llamadas/nueva/",
        "/escalamientos/",
        "/guardias/",
        "/agenda/",
        "/conocimiento/",
        "/timbres/",
        "/avisos/",
    ]
    assert places(works=True, manages=True)[-1] == "/ajustes/"
    assert places(works=False, manages=False) == ["/timbres/", "/avisos/"]


def test_the_simulator_stands_under_the_settings_and_a_ticket_under_the_queue() -> None:
    def current(path: str) -> list[str]:
        return [item["href"] for item in console._nav(path, works=True, manages=True, n_open=0) if item["current"]]

    assert current("/simulador/") == current("/ajustes/calendarios/oficina/") == ["/ajustes/"]
    assert current("/tickets/IMX-1/") == ["/cola/"]


def test_four_places_stay_on_a_phone() -> None:
    items = console._nav("/", works=True, manages=True, n_open=0)

    assert [item["href"] for item in items if item["phone"]] == [
        "/cola/",
        "/llamadas/nueva/",
        "/escalamientos/",
        "/guardias/",
    ]
