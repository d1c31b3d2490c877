"""Bodies that the API takes, read strictly; and the shapes that it answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.fields import InstantField
from core import emails
from schedules.routing import KINDS
from tickets.lifecycle import Channel, DeadlineKind, Impact, Lane, Priority, RequestType, Status, SupportMethod

Values = dict[str, Any]


class Flag(serializers.BooleanField):
    """A real boolean: a text that means one is a mistake of the caller."""

    default_error_messages = {"invalid": _("Write true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        """Return the boolean. Raises ValidationError for anything else."""
        if data is not True and data is not False:
            self.fail("invalid", input=data)
        return bool(data)


class Text(serializers.CharField):
    """A text as it was written: numbers and lists are not one, and blanks are the actions' to judge."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_blank": True, "trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Raises ValidationError for what is none."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number, not a text or a fraction of one."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number. Raises ValidationError."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


def choice(choices: Any, *, required: bool = False, default: str = "") -> serializers.ChoiceField:
    """One of a list; left out, null or empty means the default."""
    if required:
        return serializers.ChoiceField(choices=choices.choices)
    return serializers.ChoiceField(
        choices=choices.choices, required=False, allow_blank=True, allow_null=True, default=default
    )


# ------------------------------------------------------------------ in


class RequesterIn(serializers.Serializer[Values]):
    """Who asks; an e-mail address or a telephone number is needed."""

    name = Text()
    email = serializers.EmailField(required=False, allow_blank=True, allow_null=True, max_length=emails.LONGEST)
    phone = Text(required=False, allow_null=True, default="")


class TicketIn(serializers.Serializer[Values]):
    """A report. The last five are for staff who register what was attended before."""

    desk = Text(allow_blank=False)
    request_type = choice(RequestType, required=True)
    affects_operation = Flag()
    subject = Text()
    description = Text()
    requester = RequesterIn(required=False)
    impact = choice(Impact)
    product = Text(required=False, allow_null=True, default="", help_text="Slug of a product of the desk's vendor.")
    product_version = Text(required=False, allow_null=True, default="", max_length=60)
    support_method = choice(SupportMethod)
    channel = choice(Channel, default=Channel.API)
    client_rfc = Text(required=False, allow_null=True, default="")
    branch = Text(required=False, allow_null=True, default="", help_text="Name of a branch of the company.")
    deadline = InstantField(required=False, allow_null=True, default=None)
    deadline_kind = choice(DeadlineKind)
    account_executive = Flag(
        required=False, default=False, help_text="The client needs their account executive, who is told."
    )
    lessons = Whole(
        required=False,
        min_value=0,
        max_value=99,
        default=0,
        help_text="How often the writer was already told that the description is too vague; from 2 on it is kept.",
    )
    outage = Whole(
        required=False,
        allow_null=True,
        default=None,
        help_text="The outage that the client says it is; joins its case.",
    )
    occurred_at = InstantField(required=False, allow_null=True, default=None)
    answered_at = InstantField(required=False, allow_null=True, default=None)
    resolved_at = InstantField(required=False, allow_null=True, default=None)
    solution = Text(required=False, allow_null=True, default="")


class MessageIn(serializers.Serializer[Values]):
    """A text; files come along as multipart `files`."""

    body = Text(required=False, default="")
    internal = serializers.BooleanField(required=False, default=False)
    files = serializers.ListField(child=serializers.FileField(), required=False, default=list)


class ThirdPartyIn(serializers.Serializer[Values]):
    """Whom outside to ask, and what; the client decides."""

    name = Text()
    email = Text()
    question = Text()
    waits = serializers.BooleanField(required=False, default=True)


class ShareIn(serializers.Serializer[Values]):
    """A message of the thread, to be shown to the client."""

    message = serializers.IntegerField(min_value=1)


class NothingIn(serializers.Serializer[Values]):
    """A verb without a body."""


class ReasonIn(serializers.Serializer[Values]):
    reason = Text()


class AssignIn(serializers.Serializer[Values]):
    assignee = Whole(help_text="Id of a person of the desk.")
    reason = Text(required=False, default="")


class WaitThirdPartyIn(serializers.Serializer[Values]):
    reason = Text()
    who = Text(help_text="Whose answer is awaited.")


class ResumeIn(serializers.Serializer[Values]):
    reason = Text(required=False, default="")


class ScheduleIn(serializers.Serializer[Values]):
    method = choice(SupportMethod, required=True)
    starts_at = InstantField()
    minutes = Whole()
    place = Text(
        required=False,
        allow_null=True,
        default=None,
        help_text="Address of the session (https), or of the place; without it what is known stays.",
    )


class SilenceIn(serializers.Serializer[Values]):
    until = InstantField(help_text="At most 24 hours from now.")
    reason = Text()


class JoinIn(serializers.Serializer[Values]):
    outage = Whole(help_text="Id of an outage of the desk that holds now.")


class ReclassifyIn(serializers.Serializer[Values]):
    request_type = choice(RequestType, required=True)
    affects_operation = Flag()
    reason = Text()


class ResolveIn(serializers.Serializer[Values]):
    solution = Text()


class MergeIn(serializers.Serializer[Values]):
    into = Text(help_text="Number of the ticket that goes on.")


class RouteIn(serializers.Serializer[Values]):
    """What if: nothing is changed."""

    at = InstantField()
    request_type = choice(RequestType, required=True)
    affects_operation = Flag()
    client_rfc = Text(required=False, allow_null=True, default="")
    channel = choice(Channel)
    deadline = InstantField(required=False, allow_null=True, default=None)


# ------------------------------------------------------------------ out (for the document only)


class PersonOut(serializers.Serializer[Values]):
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    kind = serializers.CharField()


class RequesterOut(PersonOut):
    email = serializers.CharField(required=False, allow_null=True, help_text="For staff only.")
    phone = serializers.CharField(required=False, allow_null=True, help_text="For staff only.")


class CompanyOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class NextStepOut(serializers.Serializer[Values]):
    """What happens next.

    `opens`: the desk opens and the ticket enters the line. `on_call_attends`, `first_response`: somebody
    answers by then. `next_update`: the next word to the client. `client_answers`, `third_party_answers`:
    we wait for them. `appointment`: the booked attention. `client_confirms`: silence closes it then.
    """

    code = serializers.ChoiceField(
        choices=[
            "opens",
            "on_call_attends",
            "first_response",
            "next_update",
            "client_answers",
            "third_party_answers",
            "appointment",
            "client_confirms",
        ]
    )
    at = serializers.DateTimeField(allow_null=True)
    who = PersonOut(allow_null=True)


class AppointmentOut(serializers.Serializer[Values]):
    method = serializers.ChoiceField(choices=SupportMethod.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class TicketOut(serializers.Serializer[Values]):
    number = serializers.CharField()
    desk = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    lane = serializers.ChoiceField(choices=Lane.choices)
    priority = serializers.ChoiceField(choices=Priority.choices)
    request_type = serializers.ChoiceField(choices=RequestType.choices)
    affects_operation = serializers.BooleanField()
    impact = serializers.ChoiceField(choices=Impact.choices, allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices)
    support_method = serializers.ChoiceField(choices=SupportMethod.choices, allow_null=True)
    subject = serializers.CharField()
    product = serializers.CharField(allow_null=True)
    product_version = serializers.CharField()
    client = CompanyOut(allow_null=True)
    client_rfc = serializers.CharField(allow_null=True)
    branch = serializers.CharField(allow_null=True)
    requester = RequesterOut()
    assignee = PersonOut(allow_null=True)
    opened_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField()
    first_response_due = serializers.DateTimeField(allow_null=True)
    next_update_due = serializers.DateTimeField(allow_null=True)
    resolution_due = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)
    deadline_kind = serializers.ChoiceField(choices=DeadlineKind.choices, allow_null=True)
    occurred_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField()
    next_step = NextStepOut(allow_null=True)
    appointment = AppointmentOut(allow_null=True)
    classify_by = serializers.DateTimeField(allow_null=True, help_text="Until when somebody has to say what it is.")
    escalated = serializers.BooleanField()
    reopened = serializers.BooleanField()
    waiting_for = serializers.CharField(allow_null=True)
    merged_into = serializers.CharField(allow_null=True)
    follows = serializers.CharField(allow_null=True, help_text="The closed ticket that it goes on from.")
    parent = serializers.CharField(  # type: ignore[assignment]  # the field's own name for its serializer
        allow_null=True, help_text="The case of the outage that it is of. For staff only."
    )
    tags = serializers.ListField(child=serializers.CharField(), help_text="Slugs; empty for clients.")
    version = serializers.IntegerField()
    url = serializers.CharField()


class TicketPageOut(serializers.Serializer[Values]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = TicketOut(many=True)


class FileOut(serializers.Serializer[Values]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    content_type = serializers.CharField()
    url = serializers.CharField()
    cfdi = serializers.JSONField(
        allow_null=True, help_text="What the fiscal documents in it say: `{n, whole, documents: [...]}`; null for none."
    )


class ThreadOut(serializers.Serializer[Values]):
    """The third party's thread that a message belongs to."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ThirdPartyOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField(required=False, help_text="For staff only.")
    consent = serializers.ChoiceField(choices=["asked", "granted", "refused"])
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)


class MessageOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    ticket = serializers.CharField(help_text="Its number: of the follow-up, where the word came after the end.")
    body = serializers.CharField()
    internal = serializers.BooleanField()
    is_solution = serializers.BooleanField()
    author = PersonOut()
    from_team = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    redacted = serializers.BooleanField()
    thread = ThreadOut(allow_null=True)
    shared = serializers.BooleanField(help_text="Whether the client reads it although it is of a third party's thread.")
    files = FileOut(many=True)


class MessagePageOut(serializers.Serializer[Values]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MessageOut(many=True)


class ClockLineOut(serializers.Serializer[Values]):
    """A line of the calculation; `from` and `to` are instants, `to` null for what has not ended."""

    code = serializers.ChoiceField(choices=["brought", "counted", "rest", "closed", "due", "over", "stop"])
    to = serializers.DateTimeField(allow_null=True)
    seconds = serializers.IntegerField()
    total_seconds = serializers.IntegerField()
    detail = serializers.CharField(allow_null=True, help_text="Why it rested, or what closed the day.")
    name = serializers.CharField(allow_null=True, help_text="The name of the holiday or closure.")
    ahead = serializers.BooleanField(help_text="Whether it has still to come.")
    text = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with `from`, which is no name in Python."""
        return {**super().get_fields(), "from": serializers.DateTimeField()}


class ClockOut(serializers.Serializer[Values]):
    """A promise, and why it expires when it does."""

    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.ChoiceField(choices=["running", "resting", "stopped"])
    target_minutes = serializers.IntegerField()
    around_the_clock = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    used_seconds = serializers.IntegerField()
    left_seconds = serializers.IntegerField(help_text="Negative once the target is used up.")
    breached = serializers.BooleanField()
    lines = ClockLineOut(many=True)


class EventActorOut(serializers.Serializer[Values]):
    kind = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    label = serializers.CharField(help_text="The same as `name`.")  # type: ignore[assignment]  # the stream's name


class EventOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    type = serializers.CharField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    desk = serializers.CharField()
    subject = serializers.CharField()
    actor = EventActorOut()
    data = serializers.DictField()  # type: ignore[assignment]  # the contract's name
    public = serializers.BooleanField()
    text = serializers.CharField()


class RungOut(serializers.Serializer[Values]):
    step = serializers.IntegerField()
    who = PersonOut(allow_null=True)
    at = serializers.DateTimeField()
    whom = serializers.CharField()
    occurrence = serializers.IntegerField()
    takes = serializers.BooleanField()


class WhyOut(serializers.Serializer[Values]):
    code = serializers.CharField()
    params = serializers.DictField()
    text = serializers.CharField()


class NumberOut(serializers.Serializer[Values]):
    """The number to call at that minute; `first_name` of who is on call, for their number only."""

    name = serializers.CharField()
    address = serializers.CharField()
    first_name = serializers.CharField(allow_blank=True)


class RouteOut(serializers.Serializer[Values]):
    lane = serializers.ChoiceField(choices=Lane.choices)
    open = serializers.BooleanField()
    on_call = PersonOut(allow_null=True)
    starts_at = serializers.DateTimeField()
    priority = serializers.ChoiceField(choices=Priority.choices)
    first_response_due = serializers.DateTimeField(allow_null=True)
    resolution_due = serializers.DateTimeField(allow_null=True)
    ladder = RungOut(many=True)
    why = WhyOut(many=True)
    call = NumberOut(allow_null=True)


class ProblemFieldOut(serializers.Serializer[Values]):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemOut(serializers.Serializer[Values]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ProblemFieldOut(many=True, required=False)  # type: ignore[assignment]  # RFC 9457's habit
    state = serializers.CharField(required=False, help_text="Where the ticket stands, with a 409.")
    assignee = PersonOut(required=False, help_text="Who has it, with `already_taken`.")
