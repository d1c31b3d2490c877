"""Papers of an order as downloads, for whoever came to the order by a door that has asked."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import Http404, HttpResponse

from files import serving
from files.models import Attachment
from stamps import quotes
from stamps.models import StampInvoice, StampOrder, StampReceipt


def file(order: StampOrder, name: str) -> HttpResponse:
    """A receipt or an invoice of this order, by its id as it stands in an address. Raises Http404."""
    try:
        file_id = uuid.UUID(name)
    except ValueError:
        raise Http404 from None
    receipts = StampReceipt.objects.filter(order=order).values("file")
    invoices = StampInvoice.objects.filter(order=order)
    ours = Q(pk__in=receipts) | Q(pk__in=invoices.values("xml")) | Q(pk__in=invoices.values("pdf"))
    found = Attachment.objects.filter(ours, pk=file_id).first()
    if found is None:
        raise Http404
    response = serving.download_response(found)
    return response  # type: ignore[return-value]  # a FileResponse streams


def quote(order: StampOrder) -> HttpResponse:
    """The quote as a letter. Raises Http404 where there is none."""
    content = quotes.letter(order)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type=quotes.MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{quotes.filename(order)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
