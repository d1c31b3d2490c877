"""A ticket on paper: whole for the team, without what is the team's own for the client."""

from __future__ import annotations

from django.test import Client as Browser

from tests import factories
from tests.factories import OFFICE, Cast
from tests.tickets.conftest import Clock
from tickets import actions


def test_the_clients_copy_holds_no_note_and_nothing_of_the_teams_own(cast: Cast, at: Clock) -> None:
    ada = factories.actor(cast.ada)
    ticket = actions.take(cast.ticket(), by=ada, now=OFFICE)
    actions.add_message(ticket, by=ada, now=OFFICE, body="Lo reviso hoy.")
    actions.add_message(ticket, by=ada, now=OFFICE, body="Van tres con lo mismo.", internal=True)
    browser = Browser()
    browser.force_login(cast.ada)

    whole, public = (
        browser.get(f"/tickets/{ticket.number}/", {"imprimir": which}).content.decode() for which in ("todo", "cliente")
    )

    for text in ("Lo reviso hoy.", factories.CLEAR, "martes 17 de noviembre de 2026, 10:42", "Ferretería La Norteña"):
        assert text in whole
        assert text in public
    assert "Van tres con lo mismo." in whole
    assert "Van tres" not in public
    assert "Nota interna" not in public
    assert "<form" not in whole + public


def test_quoted_history_is_folded_on_the_pages_of_both_and_kept_whole(cast: Cast, at: Clock) -> None:
    ticket = cast.ticket()
    quoted = "El mar, 17 nov 2026 a las 10:00, Ada <ada@x.example> escribió:\n> ¿Me manda el XML?\n> Gracias"
    body = f"Va el XML.\n\n{quoted}"
    actions.add_message(ticket, by=factories.actor(cast.rosa), now=OFFICE, body=body)
    ada, rosa = Browser(), Browser()
    ada.force_login(cast.ada)
    rosa.force_login(cast.rosa.user)

    pages = [browser.get(f"/tickets/{ticket.number}/").content.decode() for browser in (ada, rosa)]

    for page in pages:
        folded = page[page.index('<details class="quoted">') :]
        assert "¿Me manda el XML?" in folded
        assert "Va el XML." in page[: page.index('<details class="quoted">')]
    assert ticket.messages.latest("seq").body == body
