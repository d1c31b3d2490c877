"""What people of the desk fill in: replies, the form of each verb, a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from desks.config import DeskConfig
from tickets import canned, reasons
from tickets.models import Ticket
from tickets.queries import outages

Choices = Sequence[tuple[str, str]]
_HHMM: Final = re.compile(r"^\s*(\d{1,2})\s*[:.hH]?\s*(\d{2})\s*$")


def labelled(words: Mapping[str, str], *, blank: str = "") -> list[tuple[str, Any]]:
    """Codes with their words as choices; `blank` names the empty one."""
    first: list[tuple[str, Any]] = [("", blank)] if blank else []
    return [*first, *((code, _(text)) for code, text in words.items())]


class ClockField(forms.CharField):
    """An hour as `HH:MM` in text: `type=time` follows the browser's language, not the desk's."""

    default_error_messages: ClassVar[dict[str, Any]] = {"clock": _("Write the hour as 21:40.")}

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "placeholder": "HH:MM", "autocomplete": "off", "class": "num", "maxlength": 8}
        super().__init__(**{"widget": forms.TextInput(attrs=attrs), **kwargs})

    def to_python(self, value: Any) -> Any:
        """Return the time, None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        found = _HHMM.match(text)
        hour, minute = (int(part) for part in found.groups()) if found else (99, 99)
        if hour > 23 or minute > 59:
            raise forms.ValidationError(self.error_messages["clock"], code="clock")
        return time(hour, minute)

    def prepare_value(self, value: Any) -> Any:
        """Return what the box shows."""
        return f"{value:%H:%M}" if isinstance(value, time) else value


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the uploads. Raises ValidationError for an empty one."""
        uploads = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(FilesField, self).clean(upload, initial) for upload in uploads]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


# ------------------------------------------------------------------ replying


class ReplyForm(forms.Form):
    """What is written on a ticket: to the client, or a note among colleagues."""

    STAY: Final = "stay"
    WAIT: Final = "wait"
    RESOLVE: Final = "resolve"

    kind = forms.ChoiceField(choices=[("reply", "reply"), ("note", "note")], initial="reply", required=False)
    body = forms.CharField(required=False, label=_("Message"), widget=forms.Textarea, max_length=50_000)
    files = FilesField(required=False, label=_("Files"))  # type: ignore[assignment]  # the name that templates use
    after = forms.ChoiceField(required=False, choices=())
    # What the page showed when it was drawn: version and the last message, `12-5`.
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # The version of the draft that it goes on from (0: none), and the form's own key: pressed twice it is sent once.
    draft = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # How many open steps the writer was asked about (`asks_about_steps`).
    steps = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, after: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["after"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(self.STAY, _("Send and leave it so")), *after]

    def is_whole(self) -> bool:
        """Whether nothing is left to be filled in; what is, is named at the text. A note may say what it likes."""
        left = () if self.is_note else canned.gaps(self.cleaned_data["body"])
        if left:
            self.add_error("body", _("Still to be filled in: %s.") % ", ".join(left))
        return not left

    def seen_seq(self) -> int | None:
        """The last message that the writer saw; None when the page did not say."""
        _version, _dash, seq = str(self.cleaned_data.get("version", "")).partition("-")
        return int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 9 else None

    @property
    def is_note(self) -> bool:
        return bool(self.cleaned_data.get("kind") == "note")


def asks_about_steps(form: forms.Form, ticket: Ticket) -> bool:
    """Whether steps are open that the form was not asked about: then it says so, and sent again it goes through."""
    n = ticket.checklist_total - ticket.checklist_done
    if n <= 0 or form.data.get("steps") == str(n):
        return False
    if isinstance(form.data, QueryDict):
        asked = form.data.copy()
        asked["steps"] = str(n)
        form.data = asked
    words = ngettext(
        "One step of the list is still open. If it is not needed any more, resolve it again.",
        "%(n)d steps of the list are still open. If they are not needed any more, resolve it again.",
        n,
    )
    form.add_error(None, words % {"n": n})
    return True


# ------------------------------------------------------------------ verbs


class VerbForm(forms.Form):
    """Base of the verbs' forms: knows the ticket and the desk, gives the values of the action."""

    def __init__(
        self, *args: Any, ticket: Ticket, config: DeskConfig, now: datetime | None = None, **kwargs: Any
    ) -> None:
        self.ticket, self.config, self.now = ticket, config, now
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the ticket."""

    def values(self) -> dict[str, Any]:
        """Return the arguments of the action."""
        return dict(self.cleaned_data)


class EmptyForm(VerbForm):
    """A verb that asks nothing."""


class ReasonForm(VerbForm):
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class AskForm(VerbForm):
    reason = forms.CharField(
        label=_("What do we need from the client?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They read it in their mail and answer from its link."),
    )


class ThirdPartyForm(VerbForm):
    who = forms.CharField(label=_("Whose answer do we wait for?"), max_length=160)
    reason = forms.CharField(label=_("What for?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class SolutionForm(VerbForm):
    solution = forms.CharField(
        label=_("What was done"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The client reads it and confirms, or reopens."),
    )
    steps = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask once where steps of the list are open."""
        data = super().clean() or {}
        if not self.errors:
            asks_about_steps(self, self.ticket)
        return data

    def values(self) -> dict[str, Any]:
        """Return the solution alone."""
        return {"solution": self.cleaned_data["solution"]}


class AssignForm(VerbForm):
    assignee = forms.TypedChoiceField(label=_("To whom"), coerce=int)
    reason = forms.CharField(label=_("Why"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        """Offer the people who work tickets at the desk."""
        field = self.fields["assignee"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = people(self.config)


def people(config: DeskConfig) -> list[tuple[str, str]]:
    """The people of a desk who work tickets, by name."""
    return [(str(member.user_id), member.name) for member in config.attending]


class ReclassifyForm(VerbForm):
    request_type = forms.ChoiceField(label=_("Kind of request"), choices=labelled(reasons.REQUEST_TYPES))
    affects_operation = forms.BooleanField(label=_("It affects the client's operation"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        """Begin with what the ticket says."""
        self.fields["request_type"].initial = self.ticket.request_type
        self.fields["affects_operation"].initial = self.ticket.affects_operation


class ScheduleForm(VerbForm):
    method = forms.ChoiceField(label=_("How"), choices=())
    day = forms.DateField(label=_("Day"), widget=DateInput())
    hour = ClockField(label=_("Hour"))
    minutes = forms.TypedChoiceField(
        label=_("How long"),
        coerce=int,
        initial="30",
        choices=[
            ("15", "15 min"),
            ("30", "30 min"),
            ("45", "45 min"),
            ("60", "1 h"),
            ("90", "1 h 30 min"),
            ("120", "2 h"),
        ],
    )

    def prepare(self) -> None:
        """Offer the ways that the desk has."""
        field = self.fields["method"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        offered = {code: text for code, text in reasons.METHODS.items() if code in self.config.support_methods}
        field.choices = labelled(offered or reasons.METHODS)
        if self.ticket.support_method in offered:
            field.initial = self.ticket.support_method

    def values(self) -> dict[str, Any]:
        """Return method, instant and minutes."""
        data = self.cleaned_data
        at = local_instant(data["day"], data["hour"], self.config.zone)
        return {"method": data["method"], "starts_at": at, "minutes": data["minutes"]}


class SilenceForm(VerbForm):
    hour = ClockField(label=_("Until what hour"), help_text=_("Of the desk; an hour that has passed is of tomorrow."))
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def values(self) -> dict[str, Any]:
        """Return the next instant at which the desk's clock shows that hour, and the reason."""
        assert self.now is not None  # noqa: S101 - the door that reads it knows the moment
        today = self.now.astimezone(self.config.zone).date()
        until = local_instant(today, self.cleaned_data["hour"], self.config.zone)
        if until <= self.now:
            until = local_instant(today + timedelta(days=1), self.cleaned_data["hour"], self.config.zone)
        return {"until": until, "reason": self.cleaned_data["reason"]}


class JoinForm(VerbForm):
    outage = forms.TypedChoiceField(label=_("Outage"), coerce=int, choices=())

    def prepare(self) -> None:
        """Offer those that clients are told of now."""
        field = self.fields["outage"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [(str(outage.pk), outage.title) for outage in outages.active(self.ticket.desk)]


class MergeForm(VerbForm):
    into = forms.CharField(
        label=_("Number of the ticket that goes on"),
        max_length=24,
        widget=forms.TextInput(attrs={"placeholder": "IMX-4821", "autocomplete": "off", "class": "mono"}),
    )


class ThirdPartyInviteForm(forms.Form):
    """Whom outside to ask, and what."""

    name = forms.CharField(
        label=_("Who"), max_length=160, help_text=_("The accountant's software, a PAC, another vendor.")
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    question = forms.CharField(
        label=_("What do you ask them?"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The client reads it before it goes out, and decides. Write no data that they should not have."),
    )
    waits = forms.BooleanField(
        label=_("Wait for their answer as soon as the client agrees"), required=False, initial=True
    )


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall time of the desk; of two the first."""
    return datetime.combine(day, at, tzinfo=zone)


@dataclass(frozen=True, slots=True)
class Face:
    """How a verb is offered: words, icon, and the form that it asks."""

    text: Any
    title: Any
    submit: Any
    icon: str
    form: type[VerbForm] = EmptyForm
    intro: Any = ""
    danger: bool = False
    key: str = ""


FACES: Final[Mapping[str, Face]] = {
    "take": Face(_("Take it myself"), _("Take"), _("Take it myself"), "check", key="a"),
    "assign": Face(_("Assign"), _("Assign"), _("Assign"), "users", AssignForm),
    "acknowledge": Face(_("Acknowledge"), _("Acknowledge"), _("Acknowledge"), "ok"),
    "wait": Face(_("Wait for the client"), _("Wait for the client"), _("Ask and wait"), "pause", AskForm,
                 _("The clocks rest until they answer.")),
    "wait-third-party": Face(_("Wait for a third party"), _("Wait for a third party"), _("Wait"), "pause",
                             ThirdPartyForm, _("Only the solution clock rests; the client still hears from us.")),
    "resume": Face(_("Go on"), _("Go on working"), _("Go on"), "refresh", intro=_("What rested counts again.")),
    "begin": Face(_("Begin the attention"), _("Begin the attention"), _("Begin the attention"), "phone"),
    "defer": Face(_("Defer to the opening"), _("Defer to the opening"), _("Defer"), "clock", ReasonForm,
                  _("Only what does not affect the operation; the client is told when and may object once.")),
    "contest": Face(_("Contest"), _("Contest"), _("Contest"), "bolt", ReasonForm),
    "ask-executive": Face(_("Ask for the executive"), _("Ask for the executive"), _("Ask"), "user", ReasonForm),
    "schedule": Face(_("Schedule"), _("Schedule an attention"), _("Schedule"), "cal", ScheduleForm),
    "reclassify": Face(_("Reclassify"), _("Reclassify"), _("Reclassify"), "sort", ReclassifyForm,
                       _("Lane, priority and clocks are reckoned anew.")),
    "escalate": Face(_("Escalate now"), _("Escalate now"), _("Escalate now"), "up2", ReasonForm,
                     _("The next step is told at once, without waiting."), danger=True, key="e"),
    "silence": Face(_("Silence…"), _("Silence the ladder"), _("Silence"), "clock", SilenceForm,
                    _("Nobody is told before that hour; then the ladder goes on where it stood.")),
    "unsilence": Face(_("Go on telling"), _("Go on telling"), _("Go on telling"), "bell"),
    "join": Face(_("Join an outage…"), _("Join an outage"), _("Join"), "bolt", JoinForm,
                 _("It is answered and solved with the others; its own ladder ends and its client is told.")),
    "leave": Face(_("Take out of the outage"), _("Take out of the outage"), _("Take out"), "swap"),
    "resolve": Face(_("Resolve…"), _("Resolve"), _("Resolve and tell the client"), "check", SolutionForm),
    "confirm": Face(_("Confirm"), _("Confirm"), _("Confirm"), "ok"),
    "reopen": Face(_("Reopen"), _("Reopen"), _("Reopen"), "refresh", ReasonForm),
    "close": Face(_("Close"), _("Close"), _("Close"), "ok", ReasonForm,
                  _("Without waiting for the client's word.")),
    "cancel": Face(_("Cancel the ticket"), _("Cancel the ticket"), _("Cancel the ticket"), "x", ReasonForm,
                   _("The client reads why."), danger=True),
    "merge": Face(_("Merge"), _("Merge"), _("Merge"), "swap", MergeForm,
                  _("Its conversation stays; the other one goes on.")),
    "unmerge": Face(_("Take out of the merger"), _("Take out of the merger"), _("Take out"), "swap"),
}  # fmt: skip


def verb_form(
    verb: str, ticket: Ticket, config: DeskConfig, data: Any = None, *, now: datetime | None = None
) -> VerbForm:
    """The form of a verb for a ticket; ids are its own, since several stand on one page. `now` where it is read."""
    return FACES[verb].form(data, ticket=ticket, config=config, now=now, auto_id=f"{verb}_%s")


# ------------------------------------------------------------------ a call


def add_errors(form: forms.Form, errors: Sequence[Any], rename: Callable[[str], str] = str) -> None:
    """Put the errors of an action beside the fields of a form; what has no field goes on top."""
    for error in errors:
        name = rename(error.field)
        form.add_error(name if name in form.fields else None, str(error.message))
