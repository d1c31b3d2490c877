"""Bodies and answers of what keeps the heap in order."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from desks.tags import MAX_NAME, MAX_PER_DESK, MAX_PER_TICKET

Values = dict[str, Any]


class _Names(serializers.ListField):
    """Names or slugs of tags; the rules for them are the desk's."""

    child = serializers.CharField(max_length=4 * MAX_NAME)


class TagsIn(serializers.Serializer[Values]):
    """Tags to put on and to take off, by name or slug; a name that is new makes a tag of the desk."""

    add = _Names(required=False, default=list, max_length=MAX_PER_TICKET)
    remove = _Names(required=False, default=list, max_length=MAX_PER_DESK)
