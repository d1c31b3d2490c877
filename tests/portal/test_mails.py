"""What clients and the team read by mail and hear by telephone: rendered from the notice alone."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings

from core import wording
from notifications import rendering
from notifications.models import Channel, Notification
from tests.factories import LUNCH, NIGHT, OFFICE
from tests.portal.conftest import Clock
from tests.tickets.cast import QUESTION, Imx, load_desk, run_timers
from tickets import actions

CATALOGUE = wording.catalogue()
ACTIONS = Path(actions.__file__).parent


def told(name: str) -> set[str]:
    """The codes that the actions tell with `telling.<name>`, read from the code itself."""
    found = set()
    for path in ACTIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"telling.{name}":
                found |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def parts(notice: Notification) -> tuple[str, str, str]:
    """Subject, text and HTML of a notice as it travels."""
    message = message_from_bytes(rendering.render(notice, now=OFFICE).content, policy=default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    plain, rich = (part.get_content().replace("\r\n", "\n") for part in (text, html))
    return str(message["Subject"]), plain, rich


def client_mail() -> Notification:
    return Notification.objects.filter(template="tickets/client").latest("seq")


def test_every_code_that_is_told_has_its_sentences():
    clients = told("client") | {"opened", "opened_on_call", "opened_deferred"}
    team = told("team") | {"ladder_first", "ladder_next", "ladder_everybody"}

    assert {"resolved", "waiting", "deferred", "nobody_answered", "answered"} <= clients
    missing = [
        key
        for key in [f"mail.{code}.{part}" for code in clients for part in ("subject", "heading", "lines")]
        + [f"team.{code}.{part}" for code in team for part in ("subject", "lines")]
        if key not in CATALOGUE
    ]
    assert missing == []


def test_no_mail_promises_that_it_can_be_answered():
    mails = [s for key, pair in CATALOGUE.items() if key.startswith("mail.") for s in pair.values()]

    assert [s for s in mails if re.search(r"respond[ae] a este correo|contest[ae] este correo", s, re.IGNORECASE)] == []
    assert "Responda desde este enlace" in CATALOGUE["mail.reply_hint"]["usted"]


def test_the_first_mail_has_number_hour_link_and_whom_to_reach(imx: Imx):
    ticket = imx.open(now=OFFICE)

    subject, text, html = parts(client_mail())

    assert subject == f"[{ticket.number}] Recibimos su reporte: No timbra ninguna factura"
    for body in (text, html):
        assert "martes 17 de noviembre a las 10:57" in body
        assert f"{settings.SITE_URL}/t/" in body
        assert "Responda desde este enlace" in body
        assert "722 555 0145" in body
    assert "722 555 0177 (" not in text


def test_outside_office_hours_the_number_to_call_comes_before_all_else(imx: Imx):
    imx.open(now=NIGHT)

    _subject, text, html = parts(client_mail())

    assert text.startswith("Guardia: 722 555 0177 (")
    assert html.index("tel:+527225550177") < html.index("Su número de ticket es")


def test_facturando_writes_tu_and_names_no_guard(imx: Imx):
    desk = load_desk("facturando")
    Imx(desk).open(now=NIGHT)

    subject, text, _html = parts(client_mail())

    assert "Tu reporte queda para la apertura" in subject
    assert "miércoles 18 de noviembre a las 09:00" in text
    assert "guardia" not in text.lower()
    assert "llama" not in text.lower()


def test_what_people_wrote_is_text(imx: Imx):
    ticket = imx.open(now=OFFICE, subject="Precio < costo & «total»")
    staff = imx.actor("karla")
    actions.add_message(ticket, by=staff, now=OFFICE, body="<b>Hola</b>\nabra https://x.example/?a=1&b=2")

    subject, text, html = parts(client_mail())

    assert "Precio < costo & «total»" in subject
    assert "<b>Hola</b>\nabra https://x.example/?a=1&b=2" in text
    assert "<b>Hola</b>" not in html
    assert "&lt;b&gt;Hola&lt;/b&gt;" in html


def test_mails_of_one_case_form_a_thread(imx: Imx):
    ticket = imx.open(now=OFFICE)
    first = client_mail()
    rendered = rendering.render(first, now=OFFICE)
    Notification.objects.filter(pk=first.pk).update(
        rendered=rendered.content, rendered_at=OFFICE, message_id=rendered.message_id
    )
    actions.add_message(ticket, by=imx.actor("karla"), now=OFFICE, body="Lo revisamos.")

    message = message_from_bytes(rendering.render(client_mail(), now=OFFICE).content, policy=default)

    assert message["In-Reply-To"] == rendered.message_id
    assert rendered.message_id in message["References"]


def test_each_step_of_the_story_reads_well(imx: Imx, at: Clock):
    """No place is left unfilled, no sentence is empty, in any mail of a whole life of tickets."""
    staff = imx.actor("karla")
    night = imx.open(now=NIGHT)
    for minutes in range(5, 200, 5):
        run_timers(NIGHT + timedelta(minutes=minutes))
    question = imx.open(QUESTION, now=LUNCH)
    taken = actions.take(question, by=staff, now=LUNCH)
    actions.wait(taken, by=staff, now=LUNCH, reason="¿Qué versión?")
    actions.add_message(taken, by=imx.requester(taken), now=LUNCH, body="La 4.2.7")
    actions.defer(taken, by=staff, now=LUNCH, reason="No detiene la operación.")
    actions.take(taken, by=staff, now=LUNCH)
    actions.resolve(taken, by=staff, now=LUNCH, solution="Reinstalamos el sello.")
    actions.reopen(taken, by=imx.requester(taken), now=LUNCH, reason="Sigue igual")
    actions.cancel(taken, by=imx.requester(taken), now=LUNCH, reason="Ya quedó")
    actions.cancel(night, by=imx.actor("elena"), now=NIGHT + timedelta(hours=4), reason="Prueba")

    seen = set()
    for notice in Notification.objects.filter(topic__startswith="ticket/", channel=Channel.EMAIL):
        subject, text, html = parts(notice)
        seen.add(notice.template)
        for body in (subject, text, html):
            assert "None" not in body
            assert not re.search(r"\{\w+\}", body)
        assert subject.startswith("[IMX-")
        assert f"{settings.SITE_URL}/" in text

    assert seen == {"tickets/client", "tickets/team", "tickets/ladder"}


def test_what_is_spoken_at_night_names_folio_and_priority_and_no_rfc(imx: Imx):
    ticket = imx.open(now=NIGHT, client_rfc="GODE561231GR8", subject="RFC GODE561231GR8 no timbra")
    notice = Notification.objects.filter(template="tickets/ladder").first()
    assert notice is not None
    notice.channel = Channel.WEBHOOK

    spoken = rendering.render(notice, now=NIGHT).text

    assert ticket.number in spoken
    assert "prioridad crítica" in spoken
    assert "GODE561231GR8" not in spoken


@pytest.mark.parametrize("template", ["tickets/client", "tickets/team", "tickets/ladder"])
def test_subjects_hold_no_rfc_of_a_person(imx: Imx, template: str):
    imx.open(now=NIGHT, subject="GODE561231GR8 no timbra")
    actions.add_message(
        imx.open(now=OFFICE, subject="GODE561231GR8 no timbra"), by=imx.actor("karla"), now=OFFICE, body="Va"
    )

    notices = list(Notification.objects.filter(template=template, channel=Channel.EMAIL))

    assert notices
    assert [n.key for n in notices if "GODE561231GR8" in parts(n)[0]] == []
