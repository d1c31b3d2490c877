"""What must hold of a report before a ticket is opened: all mistakes at once, by the contract's field names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from clients import phones, rfc
from clients import queries as client_queries
from clients.models import Client
from core.actor import Actor
from core.errors import FieldError, Forbidden, Invalid
from desks.models import Desk
from schedules import routing
from tickets import description, lifecycle, outages
from tickets.actions import resolution, writing
from tickets.intake import Intake
from tickets.models import Outage
from tickets.queries import outages as outage_queries

MAX_SUBJECT: Final = 200
MAX_NAME: Final = 160

_ASPECTS: Final = {
    description.EXACT_MESSAGE: _("the exact message or code"),
    description.WHAT_YOU_DID: _("what you were doing, step by step"),
    description.SINCE: _("since when it happens"),
    description.DOCUMENT: _("on which document or part of the program"),
}


class Checked:
    """What the checks made of the intake: normalised values and looked-up rows."""

    def __init__(self) -> None:
        self.rfc: str = ""
        self.rfc_flag: str = ""
        self.phone: Any = ""
        self.client: Client | None = None
        self.proposed: Client | None = None
        self.vague: bool = False
        self.outage: Outage | None = None


def check(desk: Desk, intake: Intake, *, by: Actor, now: datetime) -> Checked:
    errors: list[FieldError] = []
    found = Checked()
    _check_texts(intake, errors)
    _check_choices(desk, intake, errors)
    for step in (_check_phone, _check_rfc):
        try:
            step(intake, found)
        except Invalid as wrong:
            errors += wrong.errors
    if not intake.email.strip() and not found.phone and not any(e.field == "requester.phone" for e in errors):
        errors.append(FieldError("requester.email", "unreachable", _("Write an e-mail address or a telephone number.")))
    found.vague = not description.is_clear(intake.description)
    said = bool(intake.description.strip())  # nothing at all is missing, not vague
    if said and description.is_held(intake.description, request_type=intake.request_type, lessons=intake.lessons):
        errors.append(FieldError("description", "vague", _vague_text(intake.description)))
    _check_afterwards(intake, by, desk, now, errors)
    _check_outage(desk, intake, found, errors)
    if errors:
        raise Invalid(errors=errors)
    _find_client(desk, intake, found, by)
    return found


def _vague_text(text: str) -> Any:
    """What is missing, in the language of who asks; the form says it in the desk's words (`tickets.lessons`)."""
    missing = ", ".join(str(_ASPECTS[aspect]) for aspect in description.missing(text))
    return _("“%(text)s” does not tell us what happens. What is missing: %(missing)s.") % {
        "text": " ".join(text.split())[:40],
        "missing": missing,
    }


def _check_texts(intake: Intake, errors: list[FieldError]) -> None:
    for field, value, limit in (
        ("subject", intake.subject, MAX_SUBJECT),
        ("description", intake.description, writing.MAX_BODY),
        ("requester.name", intake.name, MAX_NAME),
    ):
        if not value.strip():
            errors.append(FieldError(field, "required", _("This is needed.")))
        elif len(value) > limit:
            errors.append(FieldError(field, "max_length", _("At most %(limit)d characters.") % {"limit": limit}))


def _check_choices(desk: Desk, intake: Intake, errors: list[FieldError]) -> None:
    for field, value, known in (
        ("request_type", intake.request_type, lifecycle.RequestType.values),
        ("channel", intake.channel, lifecycle.Channel.values),
        ("impact", intake.impact or "none", lifecycle.Impact.values),
        ("support_method", intake.support_method or "phone", lifecycle.SupportMethod.values),
        ("deadline_kind", intake.deadline_kind or "payroll", lifecycle.DeadlineKind.values),
    ):
        if value not in known:
            errors.append(FieldError(field, "invalid_choice", _("Choose one of the options.")))
    if intake.product is not None and intake.product.vendor_id != desk.vendor_id:
        errors.append(FieldError("product", "invalid_choice", _("Choose one of the options.")))


def _check_phone(intake: Intake, found: Checked) -> None:
    if str(intake.phone).strip():
        found.phone = phones.parse(str(intake.phone), field="requester.phone")


def _check_rfc(intake: Intake, found: Checked) -> None:
    if intake.client_rfc.strip():
        checked = rfc.check(intake.client_rfc)
        found.rfc, found.rfc_flag = checked.rfc, checked.flag


def _check_afterwards(intake: Intake, by: Actor, desk: Desk, now: datetime, errors: list[FieldError]) -> None:
    instants = (intake.occurred_at, intake.answered_at, intake.resolved_at)
    if any(instants) or intake.solution:
        if not by.works_tickets(desk.pk):
            raise Forbidden()
        try:
            resolution.check_instants(
                occurred_at=intake.occurred_at,
                answered_at=intake.answered_at,
                resolved_at=intake.resolved_at,
                now=now,
            )
        except Invalid as wrong:
            errors += wrong.errors
    if (intake.resolved_at is not None) != bool(intake.solution.strip()):
        field = "solution" if intake.resolved_at is not None else "resolved_at"
        errors.append(FieldError(field, "required", _("The hour and the solution go together.")))


def _check_outage(desk: Desk, intake: Intake, found: Checked, errors: list[FieldError]) -> None:
    """The outage that the client names: one that is over by now is none; one that it cannot be is a mistake."""
    if intake.outage is None:
        return
    named = next((one for one in outage_queries.active(desk) if one.pk == intake.outage), None)
    if named is None:
        return
    product = intake.product.slug if intake.product else None
    affected = routing.affects(intake.request_type, intake.affects_operation)
    if outages.concerns(named.products, product=product, affects_operation=affected):
        found.outage = named
    else:
        text = _("This outage is of another product, or your operation is not affected.")
        errors.append(FieldError("outage", "not_of_outage", text))


def _find_client(desk: Desk, intake: Intake, found: Checked, by: Actor) -> None:
    """Whose case it is: what the door knows; an RFC that a stranger typed only proposes."""
    found.client = intake.client
    if not found.rfc:
        return
    owner = client_queries.client_of_rfc(desk.vendor, found.rfc)
    if owner is None or found.client is not None:
        return
    if by.works_tickets(desk.pk) or owner.pk in by.client_ids:
        found.client = owner
    else:
        found.proposed = owner
