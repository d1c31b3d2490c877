"""How an RFC is invoiced, and the invoice of the sale, which is issued elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clients.models import TaxId
from core.actor import Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid, TransitionNotAllowed
from files import actions as file_actions
from stamps import cfdi, satcatalogue
from stamps.actions import guards, order_record, telling
from stamps.cfdi import Cfdi, NotCfdi
from stamps.lifecycle import OrderStatus
from stamps.models import StampBilling, StampInvoice, StampOrder

_FAULTS: Final = {
    "too_large": _("The XML weighs more than 2 MB: it is not an invoice."),
    "not_xml": _("This file is not XML that can be read."),
    "not_cfdi": _("This XML is not a CFDI."),
    "not_stamped": _("This CFDI is not stamped: it has no fiscal folio."),
    "bad_uuid": _("The fiscal folio of this CFDI is not well formed."),
    "bad_total": _("The total of this CFDI is not an amount."),
}


@dataclass(frozen=True, slots=True)
class Billing:
    """Codes of the catalogues of the tax office (`stamps.satcatalogue`)."""

    legal_name: str
    regimen: str
    postal_code: str
    cfdi_use: str
    payment_form: str
    payment_method: str


def may_bill(order: StampOrder, by: Actor) -> bool:
    """Who reads and writes how the order's RFC is invoiced: sales, and who reads all of the company whose RFC it is.

    Not who came by link: an RFC that was typed opens nothing. 1 query at most.
    """
    if order.is_sold_by(by):
        return True
    ours = TaxId.objects.filter(vendor_id=order.desk.vendor_id, rfc=order.rfc, client_id__in=list(by.client_ids))
    return bool(by.client_ids) and ours.exists()


def billing_of(order: StampOrder) -> StampBilling | None:
    """How the order's RFC is invoiced, once somebody has said. 1 query."""
    return StampBilling.objects.filter(vendor_id=order.desk.vendor_id, rfc=order.rfc).first()


def set_billing(order: StampOrder, data: Billing, *, by: Actor, now: datetime) -> StampBilling:
    """Keep how the order's RFC is invoiced, for this and later orders. Raises Invalid, Forbidden."""
    if not may_bill(order, by):
        raise Forbidden
    data = _checked(order, data)
    with order_record.changing(order) as fresh:
        row, _made = StampBilling.objects.update_or_create(
            vendor_id=fresh.desk.vendor_id,
            rfc=fresh.rfc,
            defaults={
                "legal_name": data.legal_name,
                "regimen": data.regimen,
                "postal_code": data.postal_code,
                "cfdi_use": data.cfdi_use,
                "payment_form": data.payment_form,
                "payment_method": data.payment_method,
                "updated_at": now,
                "updated_by": by.label[:160],
            },
        )
        order_record.event(fresh, "billing_set", by=by, now=now, billing=row.pk)
    return row


def _checked(order: StampOrder, data: Billing) -> Billing:
    """The data without stray blanks. Raises Invalid with every mistake at once."""
    errors: list[FieldError] = []
    name = " ".join(data.legal_name.split()).upper()
    if not name:
        errors.append(FieldError("legal_name", "required", _("This is needed.")))
    allowed = satcatalogue.OF_PEOPLE if len(order.rfc) == 13 else satcatalogue.OF_COMPANIES
    if data.regimen not in allowed:
        errors.append(FieldError("regimen", "invalid_choice", _("An RFC of this kind has no such regime.")))
    if not (len(data.postal_code) == 5 and data.postal_code.isascii() and data.postal_code.isdigit()):
        errors.append(FieldError("postal_code", "invalid", _("A postal code has five digits.")))
    for field, known in (
        ("cfdi_use", satcatalogue.CFDI_USES),
        ("payment_form", satcatalogue.PAYMENT_FORMS),
        ("payment_method", satcatalogue.PAYMENT_METHODS),
    ):
        if getattr(data, field) not in known:
            errors.append(FieldError(field, "invalid_choice", _("Choose one of the options.")))
    if data.payment_method == "PPD" and data.payment_form != "99":
        errors.append(FieldError("payment_form", "invalid_choice", _("With PPD the form of payment is 99.")))
    if errors:
        raise Invalid(errors=errors)
    return Billing(name[:254], data.regimen, data.postal_code, data.cfdi_use, data.payment_form, data.payment_method)


# ------------------------------------------------------------------ the invoice


def add_invoice(
    order: StampOrder,
    *,
    xml: UploadedFile[bytes],
    pdf: UploadedFile[bytes] | None = None,
    by: Actor,
    now: datetime,
) -> StampInvoice:
    """Attach the invoice of the sale; the client downloads it. Raises Invalid, Conflict `invoice_used`."""
    guards.sales(order, by)
    content = xml.read(cfdi.MOST_BYTES + 1)
    found = _read(order, content)
    if pdf is not None and pdf.read(5) != b"%PDF-":
        raise Invalid.field("pdf", "not_pdf", _("This file is not a PDF."))
    stored = file_actions.store(ContentFile(content, name=xml.name or "factura.xml"), now=now, field="xml")
    printed = file_actions.store(pdf, now=now, field="pdf") if pdf is not None else None
    with order_record.changing(order) as fresh:
        if fresh.status in (OrderStatus.REQUESTED, OrderStatus.CANCELLED):
            raise TransitionNotAllowed(state=fresh.status, message=_("The order's state does not allow this."))
        try:
            with transaction.atomic():
                row = StampInvoice.objects.create(
                    order=fresh,
                    vendor_id=fresh.desk.vendor_id,
                    uuid=found.uuid,
                    total=found.total,
                    issued_on=found.issued_on,
                    xml=stored,
                    pdf=printed,
                    **order_record.signed(by, now),
                )
        except IntegrityError as used:
            raise Conflict(_("This invoice is attached already."), code="invoice_used") from used
        order_record.event(fresh, "invoice_added", by=by, now=now, invoice=row.pk)
        telling.invoiced(fresh, key=f"order-invoice/{row.pk}", now=now)
    return row


def _read(order: StampOrder, content: bytes) -> Cfdi:
    try:
        found = cfdi.read(content)
    except NotCfdi as fault:
        code = str(fault)
        raise Invalid.field("xml", code, _FAULTS[code]) from fault
    if found.receiver_rfc != order.rfc:
        message = _("It is made out to %(other)s, the order is invoiced to %(rfc)s.")
        raise Invalid.field("xml", "other_rfc", message % {"other": found.receiver_rfc[:13] or "—", "rfc": order.rfc})
    return found
