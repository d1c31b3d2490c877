"""What the client's pages leave behind: files that were kept for a form which nobody sent in the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from files.models import Attachment
from portal.keeping import MAX_AGE

# A form that was kept to its last minute is still being sent.
GRACE: Final = timedelta(hours=1)
BATCH: Final = 500


def forget_unsent(*, now: datetime) -> int:
    """Delete the rows of files that hang on nothing and whose token is over; return how many.

    Their bytes have no row then, and go with the other orphans. What any app hangs on something stays.
    """
    total = 0
    while ids := list(_unused(now).values_list("pk", flat=True)[:BATCH]):
        total += Attachment.objects.filter(pk__in=ids).delete()[0]
    return total


def _unused(now: datetime) -> QuerySet[Attachment]:
    found = Attachment.objects.filter(created_at__lt=now - MAX_AGE - GRACE)
    for relation in Attachment._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):  # what points here, relations without a name included
            rows = relation.field.model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            found = found.exclude(Exists(rows))
    return found
