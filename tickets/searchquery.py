"""What somebody typed into the search box, read: words, phrases and operators. Never an error.

`no timbra estado:abierto -nomina "sello digital" vence:hoy`: words must all be there, quoted ones in that order, a
minus leaves out. An operator that cannot be read (`prioridad:azul`) is looked for as words, and `problems` says so.
Two of the same operator are alternatives (`estado:nuevo estado:asignado`), save the two bounds of a period.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MAX_CHARS: Final = 200
SOME_DAY: Final = date(2000, 1, 1)

OPEN: Final = "abierto"
# what is written -> codes of tickets.lifecycle.Status
STATES: Final[Mapping[str, tuple[str, ...]]] = {
    OPEN: ("new", "assigned", "in_progress", "waiting_client", "waiting_third_party", "scheduled", "deferred"),
    "terminado": ("resolved", "closed", "cancelled", "merged"),
    "nuevo": ("new",),
    "asignado": ("assigned",),
    "proceso": ("in_progress",),
    "espera": ("waiting_client", "waiting_third_party"),
    "espera-cliente": ("waiting_client",),
    "espera-tercero": ("waiting_third_party",),
    "agendado": ("scheduled",),
    "diferido": ("deferred",),
    "resuelto": ("resolved",),
    "cerrado": ("closed",),
    "cancelado": ("cancelled",),
    "fusionado": ("merged",),
}
PRIORITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "crítica": ("critical",),
    "alta": ("high",),
    "normal": ("normal",),
    "baja": ("low",),
}
CHANNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "formulario": ("web",),
    "teléfono": ("phone",),
    "whatsapp": ("whatsapp",),
    "correo": ("email",),
    "chat": ("chat",),
    "api": ("api",),
}
ME: Final = "yo"
NOBODY: Final = "nadie"
OVERDUE: Final = "vencido"
WEEK: Final = "semana"
CODES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "estado": STATES,
    "prioridad": PRIORITIES,
    "canal": CHANNELS,
}
# Operators whose value is any text: names, and the beginning of an RFC.
FREE: Final = ("asignado", "rfc", "cliente", "producto", "mesa", "etiqueta")
PERIOD: Final = ("antes", "despues")
DUE: Final = "vence"
TAG: Final = "etiqueta"
OPERATORS: Final = (
    "estado",
    "asignado",
    "prioridad",
    "vence",
    "cliente",
    "rfc",
    "producto",
    "etiqueta",
    "canal",
    "antes",
    "despues",
    "mesa",
)

# As people also write them.
_SYNONYMS: Final[Mapping[str, Mapping[str, str]]] = {
    "": {"desde": "despues", "hasta": "antes", "empresa": "cliente", "asignada": "asignado", "tag": TAG},
    "estado": {
        "abiertos": OPEN, "en-proceso": "proceso", "esperando": "espera", "programado": "diferido", "cita": "agendado",
        "resueltos": "resuelto", "cerrados": "cerrado", "nuevos": "nuevo",
    },
    "prioridad": {"urgente": "crítica", "media": "normal"},
    "canal": {"web": "formulario", "llamada": "teléfono", "mail": "correo", "email": "correo"},
    "asignado": {"mi": ME, "ninguno": NOBODY, "sin-asignar": NOBODY},
    "vence": {"vencidos": OVERDUE, "ya": OVERDUE},
}  # fmt: skip

_TOKEN: Final = re.compile(
    r'(?P<minus>-)?(?:(?P<name>[^\W\d_]+):(?P<value>"[^"]*"|[^\s"]*)|"(?P<phrase>[^"]*)"|(?P<bare>[^\s"]+))|(?P<lost>")'
)
_QUOTES: Final = str.maketrans("“”„«»", '"' * 5)
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")
_PIECE: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words in this order. `negated`: must not be there."""

    text: str
    phrase: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """An operator that was understood; `value` is a name of its table, an ISO date, or free text."""

    name: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What was taken as words instead: `code` is "operator", "value", "empty" or "quote"; `text` as typed."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """The whole, in order. `unfinished`: the last word may be the beginning of a longer one."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    problems: tuple[Problem, ...] = ()
    unfinished: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """What must be there, as typed."""
        return tuple(term.text for term in self.terms if not term.negated)


def fold(text: str) -> str:
    """Small letters without accents; ñ becomes n, as the database's `unaccent` has it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def pieces(text: str) -> list[str]:
    """Runs of letters and digits: what the index knows as words."""
    return _PIECE.findall(text)


def parse(text: str, *, today: date = SOME_DAY) -> Search:
    """Read what was typed; `today` is the desk's local date, for `hoy` and the like. Never raises."""
    typed = text.translate(_QUOTES).replace("\x00", " ")[:MAX_CHARS]
    terms: list[Term] = []
    filters: list[Filter] = []
    problems: list[Problem] = []
    unfinished = False
    for token in _TOKEN.finditer(typed):
        before = len(terms)
        if token["lost"]:
            problems.append(Problem("quote", '"'))
        elif token["name"]:
            _operator(token, terms, filters, problems, today)
        else:
            _term(token, terms)
        unfinished = token.end() == len(typed) and token["bare"] is not None and len(terms) > before
    return Search(tuple(terms), tuple(filters), tuple(problems), unfinished)


def _term(token: re.Match[str], terms: list[Term]) -> None:
    phrase = token["phrase"]
    text = " ".join((token["bare"] if phrase is None else phrase).split())
    if pieces(text):
        terms.append(Term(text, phrase=phrase is not None, negated=bool(token["minus"])))


def _operator(
    token: re.Match[str], terms: list[Term], filters: list[Filter], problems: list[Problem], today: date
) -> None:
    name = fold(token["name"])
    name = _SYNONYMS[""].get(name, name)
    value = " ".join(token["value"].strip('"').split())
    if name in OPERATORS and value:
        read = _value(name, value, today)
        if read:
            filters.append(Filter(name, read, negated=bool(token["minus"])))
            return
    if not token["value"].startswith("//"):  # an address of the web is no operator
        code = "operator" if name not in OPERATORS else "value" if value else "empty"
        problems.append(Problem(code, token[0]))
    words = f"{token['name']} {value}" if name not in OPERATORS else value or token["name"]
    apart = [word.lstrip("-") for word in re.split(r"[\s:]+", words)]
    terms.extend(Term(word, negated=bool(token["minus"])) for word in apart if pieces(word))


def _value(name: str, value: str, today: date) -> str:
    """The value as the tables have it; empty when it cannot be read."""
    plain = fold(value).replace(" ", "-")
    plain = fold(_SYNONYMS.get(name, {}).get(plain, plain))
    if name in CODES:
        return next((known for known in CODES[name] if fold(known) == plain), "")
    if name == DUE and plain in {OVERDUE, WEEK}:
        return plain
    if name in PERIOD or name == DUE:
        day = read_day(value, today)
        return day.isoformat() if day else ""
    if name == "asignado" and plain in {ME, NOBODY}:
        return plain
    return value if pieces(value) else ""


_DAYS: Final = {"hoy": 0, "ayer": -1, "antier": -2, "anteayer": -2, "manana": 1}


def read_day(text: str, today: date) -> date | None:
    """`2026-11-17`, `17/11/2026`, `17/11` (of this year), `hoy`, `ayer`, `antier`, `mañana`; None for the rest."""
    plain = fold(text)
    if plain in _DAYS:
        return today + timedelta(days=_DAYS[plain])
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", plain):
            return date.fromisoformat(plain)
        found = _DAY.fullmatch(plain)
        if found is None:
            return None
        year = int(found[3]) if found[3] else today.year
        return date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
    except ValueError:
        return None


def write(search: Search) -> str:
    """The search as text that reads back to the same terms and filters."""
    parts = [_written(term.text, quoted=term.phrase, minus=term.negated) for term in search.terms]
    parts = [
        *(_written(f.value, quoted=" " in f.value, minus=f.negated, name=f.name) for f in search.filters),
        *parts,
    ]
    return " ".join(parts)


def _written(text: str, *, quoted: bool, minus: bool, name: str = "") -> str:
    return ("-" if minus else "") + (f"{name}:" if name else "") + (f'"{text}"' if quoted else text)
