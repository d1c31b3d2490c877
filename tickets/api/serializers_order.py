"""Bodies and answers of what keeps the heap in order."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import InstantField
from desks.tags import MAX_NAME, MAX_PER_DESK, MAX_PER_TICKET
from tickets.actions.splitting import MAX_MESSAGES
from tickets.api.serializers import Flag, PersonOut, Text, Whole, choice
from tickets.lifecycle import RequestType
from tickets.models import LinkKind

Values = dict[str, Any]


class _Names(serializers.ListField):
    """Names or slugs of tags; the rules for them are the desk's."""

    child = serializers.CharField(max_length=4 * MAX_NAME)


class TagsIn(serializers.Serializer[Values]):
    """Tags to put on and to take off, by name or slug; a name that is new makes a tag of the desk."""

    add = _Names(required=False, default=list, max_length=MAX_PER_TICKET)
    remove = _Names(required=False, default=list, max_length=MAX_PER_DESK)


class WatchIn(serializers.Serializer[Values]):
    """Oneself, or a colleague of the desk."""

    follow = Flag()
    user = Whole(required=False, allow_null=True, default=None, min_value=1)


class SplitIn(serializers.Serializer[Values]):
    """Which messages go to a ticket of their own, and what that is about."""

    messages = serializers.ListField(child=Whole(min_value=1), max_length=MAX_MESSAGES)
    subject = Text()
    request_type = choice(RequestType, default=RequestType.OPERATIONAL_QUESTION)
    affects_operation = Flag(required=False, default=False)


class LinkIn(serializers.Serializer[Values]):
    number = Text(help_text="Of the other ticket.")
    kind = serializers.ChoiceField(choices=LinkKind.choices, required=False, default=LinkKind.RELATED)


class StepsIn(serializers.Serializer[Values]):
    """One step, or a list of the desk."""

    text = Text(required=False)
    list = Text(required=False, help_text="Slug of a list of the desk; then without `text`.")


class TimeIn(serializers.Serializer[Values]):
    minutes = Whole()
    note = Text(required=False, default="")
    worked_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Default: today.")


class RemindIn(serializers.Serializer[Values]):
    due_at = InstantField()
    note = Text(required=False, default="")


class SnoozeIn(serializers.Serializer[Values]):
    due_at = InstantField()


# ------------------------------------------------------------------ out


class LinkOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    what = serializers.CharField(help_text="`related`, `duplicate`, `caused_by`, or these with `.back`.")
    number = serializers.CharField()
    status = serializers.CharField(allow_null=True, help_text="Null where the caller may not see the other.")


class StepOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = PersonOut(allow_null=True)


class TimeOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    minutes = serializers.IntegerField()
    worked_on = serializers.DateField()
    note = serializers.CharField()
    person = PersonOut()


class ReminderOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    ticket = serializers.CharField()
    due_at = serializers.DateTimeField()
    note = serializers.CharField()
    told_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)


class ReminderPageOut(serializers.Serializer[Values]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ReminderOut(many=True)


class OrderSectionOut(serializers.Serializer[Values]):
    """What stands around a ticket, for the desk's people."""

    steps = StepOut(many=True)
    links = LinkOut(many=True)
    split_into = serializers.ListField(child=serializers.CharField(), help_text="Numbers.")
    split_from = serializers.CharField(allow_null=True)
    time = TimeOut(many=True)
    minutes_noted = serializers.IntegerField()
    minutes_attended = serializers.FloatField(help_text="By the journal of attentions; not part of the other sum.")
    watchers = PersonOut(many=True)
    reminders = ReminderOut(many=True, help_text="The caller's own.")
