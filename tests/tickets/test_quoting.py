"""What is history in a text and what is not: the ways in which mail programs quote in Spanish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import quoting

OLD = "Buenos días:\n¿Me manda el XML?\n"
GMAIL = "El lun, 3 mar 2025 a las 10:00, Ada Lozano (<ada@x.example>) escribió:"
QUOTED = "> Buenos días:\n> ¿Me manda el XML?\n"
OUTLOOK = (
    "De: Ada Lozano <ada@x.example>\nEnviado el: lunes, 3 de marzo de 2025 10:00\nPara: Rosa\nAsunto: RE: CFDI\n\n"
)

# name -> what they wrote (stays), the history (is folded), what they wrote below it (stays)
FOLDED = {
    "Gmail": ("Ya quedó.\n\n", f"{GMAIL}\n\n{QUOTED}", ""),
    "Gmail, the line wrapped": (
        "Sí.\n\n", f"El lun, 3 mar 2025 a las 10:00, Ada, Mesa de Ayuda\n(<ada@x.example>) escribió:\n{QUOTED}", "",
    ),
    "Apple": ("Va.\n\n", f"El 3 mar 2025, a la(s) 10:00 a.m., Ada Lozano <ada@x.example> escribió:\n\n{QUOTED}", ""),
    "Yahoo": ("Va.\n\n", f"El lunes, 3 de marzo de 2025, 10:00:15 GMT-6, Ada <ada@x.example> escribió:\n\n{OLD}", ""),
    "Outlook": ("Adjunto el XML.\n\n", f"{OUTLOOK}{OLD}", ""),
    "Outlook with a rule": ("Va.\n\n", f"________________________________\n{OUTLOOK}{OLD}", ""),
    "Outlook, short headers": ("Va.\n\n", "De: Ada\nFecha: 3/3/25\nAsunto: CFDI\nHola\n", ""),
    "Outlook, bold headers": ("Va.\n\n", f"*De:* Ada\n*Enviado:* lunes\n*Para:* Rosa\n\n{OLD}", ""),
    "original message": ("Va.\n\n", f"-----Mensaje original-----\n{OUTLOOK}{OLD}", ""),
    "in English": ("Ok.\n\n", f"On Mon, Mar 3, 2025 at 10:00 AM Ada <ada@x.example> wrote:\n{QUOTED}", ""),
    "only marks": ("Ya quedó.\n\n", QUOTED, ""),
    "answered below": ("", f"{GMAIL}\n{QUOTED}", "\nYa quedó, gracias.\n"),
    "twice quoted": ("Sí.\n", "> > Hola\n> ¿Quedó?\n\n> Saludos\n", ""),
    "below answers between the lines": (
        "> ¿Versión?\n4.2.7\n> ¿Mensaje?\nCFDI40147\n\n", f"{GMAIL}\n{QUOTED}", "",
    ),
}  # fmt: skip

STAYS = {
    "no history": "Al timbrar aparece CFDI40147.",
    "answers between the lines": "> ¿Qué versión usa?\n4.2.7\n\n> ¿Qué mensaje sale?\nCFDI40147\n",
    "one line that is answered": "> ¿Qué versión usa?\nLa 4.2.7\n",
    "prose that begins like a header": "Hola,\n\nDe: la bodega central\nPara: mañana a las 9\nGracias\n",
    "prose about who wrote": "El 3 de marzo el cliente escribió: no timbra.\nDesde entonces nada.",
    "a forward": f"Les reenvío lo del PAC.\n\n---------- Forwarded message ---------\n{OUTLOOK}{OLD}",
    "nothing but history": f"{GMAIL}\n{QUOTED}",
    "XML": "<cfdi:Comprobante\n  Version='4.0'>\n<cfdi:Emisor/>\n",
    "a comparison": "El total es > 100\nEl IVA es 16\n",
}


@pytest.mark.parametrize("name", FOLDED)
def test_history_is_folded(name: str) -> None:
    above, history, below = FOLDED[name]

    parts = quoting.split(above + history + below)

    assert [(part.text, part.quoted) for part in parts] == [
        (text, quoted) for text, quoted in ((above, False), (history, True), (below, False)) if text
    ]


@pytest.mark.parametrize("name", STAYS)
def test_what_is_no_history_stays(name: str) -> None:
    assert quoting.split(STAYS[name]) == (quoting.Part(STAYS[name]),)


def test_a_long_text_of_blank_lines_is_read_in_one_go() -> None:
    body = "Sí.\n> a\n" + "\n" * 40_000 + "> b\n"

    assert [part.quoted for part in quoting.split(body)] == [False, True]


_lines = st.lists(
    st.sampled_from(
        [
            GMAIL,
            "> a",
            ">",
            "",
            " ",
            "De: x",
            "Para: y",
            "Asunto: z",
            "hola",
            "El 3",
            "\r",
            "---- mensaje original ----",
        ]
    ),
    max_size=14,
).map("\n".join)


@given(body=st.one_of(_lines, st.text(max_size=80)))
def test_nothing_is_lost_and_something_is_always_shown(body: str) -> None:
    parts = quoting.split(body)

    assert "".join(part.text for part in parts) == body
    assert any(not part.quoted for part in parts)
    assert not body.strip() or any(part.text.strip() for part in parts if not part.quoted)
