"""The card of a file with fiscal documents, in the desk's words; for its people and for the client who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from clients.cfdi.certificate import CSD, Certificate
from clients.cfdi.document import FREIGHT, PAYMENTS, PAYROLL
from core import localtime
from desks.config import DeskConfig

Row = dict[str, Any]

_COMPLEMENTS: Final = (PAYMENTS, PAYROLL, FREIGHT)


def card(kept: Mapping[str, Any] | None, config: DeskConfig) -> Row | None:
    """What `recognising` kept of a file, as pages print it; None for a file without fiscal documents."""
    if not kept:
        return None
    if "certificate" in kept:
        return _certificate(Certificate.from_json(kept["certificate"]), config)
    say, documents = config.say, kept["documents"]
    more = kept["n"] - len(documents)
    notes = [say("cfdi.more", n=more)] if more > 0 else []
    if not kept["whole"]:
        notes.append(say("cfdi.partly"))
    payroll = any(one["kind"] == "N" or PAYROLL in one["complements"] for one in documents)
    return {
        "title": say("cfdi.card"),
        "reserved": say("cfdi.reserved") if payroll else "",
        "documents": [_document(one, config) for one in documents],
        "note": " ".join(notes),
    }


def _certificate(one: Certificate, config: DeskConfig) -> Row:
    say = config.say
    until = day(one.valid_until, config.zone)
    values = (
        ("rfc", one.rfc, True),
        ("number", one.number, True),
        ("valid_from", day(one.valid_from, config.zone), False),
        ("valid_until", until, False),
    )
    name = say(f"seal.kind_{one.kind}")
    document = {
        "title": name[:1].upper() + name[1:] if one.kind == CSD else name,
        "tone": "mute",
        "state": say("seal.until", at=until),
        "rows": [{"label": say(f"seal.{key}"), "text": text, "mono": mono} for key, text, mono in values],
    }
    return {"title": say("seal_card"), "reserved": "", "documents": [document], "note": ""}


def _document(one: Mapping[str, Any], config: DeskConfig) -> Row:
    say = config.say
    kind = say(f"cfdi.kind_{one['kind']}") if one["kind"] else ""
    also = [say(f"cfdi.complement_{name}") for name in _COMPLEMENTS if name in one["complements"]]
    stamped = _day(one["stamped"], config)
    return {
        "title": " · ".join(part for part in (f"CFDI {one['version']}", kind, *also) if part),
        "tone": "ok" if one["uuid"] else "warn",
        "state": (say("cfdi.stamped", at=stamped) if stamped else say("cfdi.stamped_once"))
        if one["uuid"]
        else say("cfdi.unstamped"),
        "rows": [row for row in _rows(one, config) if row["text"]],
    }


def _rows(one: Mapping[str, Any], config: DeskConfig) -> list[Row]:
    values = (
        ("issuer", _party(one["issuer"], one["issuer_rfc"]), False),
        ("receiver", _party(one["receiver"], one["receiver_rfc"]), False),
        ("total", _amount(one["paid"] or one["total"], "MXN" if one["paid"] else one["currency"]), False),
        ("folio", " ".join(part for part in (one["serial"], one["folio"]) if part), False),
        ("issued", _day(one["issued"], config), False),
        ("uuid", one["uuid"], True),
        ("pac", one["pac"], True),
        ("certificate", one["certificate"], True),
    )
    return [{"label": config.say(f"cfdi.{name}"), "text": text, "mono": mono} for name, text, mono in values]


def _party(name: str, rfc: str) -> str:
    return " · ".join(part for part in (name, rfc) if part)


def _amount(text: str, currency: str) -> str:
    """`$1,160.00 MXN`; a payment of another currency is totalled in pesos by its complement."""
    return f"${Decimal(text):,.2f} {currency}".strip() if text else ""


def _day(text: str, config: DeskConfig) -> str:
    """An instant as the document writes it: the wall clock of where it was issued, without a zone; "" for none."""
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=config.zone)
    except ValueError:
        return ""
    return day(at, config.zone)


def day(at: datetime, zone: ZoneInfo) -> str:
    """`5 mar 2027, 12:30`: with its year, for what lies years apart."""
    local = at.astimezone(zone)
    return f"{local.day} {localtime.MONTHS_SHORT[local.month - 1]} {local.year}, {localtime.hhmm(at, zone)}"
