"""What clients send by page. Every refusal is a sentence of the desk, and names what to do."""

from __future__ import annotations

import copy
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from clients import phones, rfc
from clients.models import Branch, Client, Contact, TaxId
from core import emails
from core.errors import Invalid
from desks.config import DeskConfig, ProductInfo
from files.actions import MAX_BYTES
from portal import keeping, words
from schedules import routing
from schedules.routing import FormAnswer
from tickets import description, lessons
from tickets.actions.checking import MAX_NAME, MAX_SUBJECT
from tickets.actions.progress import MAX_REASON
from tickets.actions.writing import MAX_BODY
from tickets.lifecycle import DeadlineKind, SupportMethod
from tickets.models import Outage
from tickets.outages import concerns

if TYPE_CHECKING:
    Upload = UploadedFile[bytes]
else:  # not subscriptable at run time
    Upload = UploadedFile
MAX_FILES: Final = 10
NEEDS: Final = ("failure", "question", "installation", "customization", "training", "new_project", "unsure")
IMPACTS: Final = ("stopped", "partial", "none")
# "Con frases como estas nos es imposible ayudarte" (Facturando guide, "Recomendaciones").
EMPTY_SUBJECTS: Final = frozenset(
    {"ayuda", "error", "tengo un problema", "problema", "urgente", "ayuda urgente", "falla", "duda", "no funciona"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who fills in the form, as far as a sign-in tells: their contact, companies, RFCs and branches."""

    contact: Contact | None = None
    companies: Sequence[Client] = ()
    tax_ids: Sequence[TaxId] = ()
    branches: Sequence[Branch] = field(default_factory=tuple)

    @property
    def is_known(self) -> bool:
        return self.contact is not None


class ManyFiles(forms.FileInput):
    """A file control that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of uploads; each is judged by the form, so that one bad file does not lose the others."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        return [one for one in (data or []) if one]


class _Shared(dict[str, forms.Field]):
    """Fields that all forms of a class use as they are.

    Django copies each with all it holds for every form, since somebody might change one; of a form of twenty that is a
    tenth of what filing costs. Who changes a field of such a form puts another in its place.
    """

    def __deepcopy__(self, memo: Any) -> dict[str, forms.Field]:
        return dict(self)


class _DeskForm(forms.Form):
    """A form that speaks as its desk does."""

    use_required_attribute = False

    def __init__(self, *args: Any, config: DeskConfig, **kwargs: Any) -> None:
        self.config = config
        super().__init__(*args, **kwargs)

    def add_error(self, field: str | None, error: Any) -> None:
        """Add an error; what Django would say in its own words is said in the desk's."""
        match getattr(error, "code", None):
            case "required":
                error = ValidationError(self.required_sentence(field or ""), code="required")
            case "invalid_choice":
                error = ValidationError(self.choice_sentence(field or ""), code="invalid_choice")
        super().add_error(field, error)

    def required_sentence(self, name: str) -> str:
        return self.config.say("form.required")

    def choice_sentence(self, name: str) -> str:
        return self.config.say("form.choose")

    def text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "").strip()

    def limit(self, name: str, limit: int, key: str = "form.too_long") -> None:
        n = len(self.text(name))
        if n > limit:
            self.add_error(name, self.config.say(key, n=f"{n:,}", limit=f"{limit:,}"))

    def judge_files(self, uploads: Sequence[Upload]) -> list[Upload]:
        """The uploads that can be kept; the others are named with what is wrong."""
        good = []
        for upload in uploads:
            if (upload.size or 0) > MAX_BYTES:
                size = words.size(upload.size or 0)
                self.add_error("files", self.config.say("form.file_too_large", name=upload.name, size=size))
            elif not upload.size:
                self.add_error("files", self.config.say("form.file_empty", name=upload.name))
            else:
                good.append(upload)
        return good


class ReportForm(_DeskForm):
    """An incident. `answer`, `deadline_at` and `kept` are set by `clean`; `good_files` may be stored in any case."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    lessons = forms.CharField(widget=forms.HiddenInput, required=False)
    client = forms.ChoiceField(required=True)
    need = forms.ChoiceField(choices=[(n, n) for n in NEEDS])
    impact = forms.ChoiceField(choices=[(n, n) for n in IMPACTS])
    deadline_on = forms.CharField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    deadline_time = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "16:30", "maxlength": "5"})
    )
    deadline_kind = forms.ChoiceField(required=False)
    product = forms.ChoiceField(required=False)
    product_version = forms.CharField(required=False, max_length=60)
    client_rfc = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"autocapitalize": "characters"})
    )
    branch = forms.ChoiceField(required=False)
    subject = forms.CharField()
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 6}), strip=False)
    files = FilesField(required=False)  # type: ignore[assignment]  # the form's own `files` is set on the instance
    support_method = forms.ChoiceField(required=False)
    outage = forms.ChoiceField(required=False)
    name = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        required=False, max_length=60, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    email = forms.CharField(
        required=False, max_length=254, widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"})
    )
    executive = forms.BooleanField(required=False)
    # People do not see it and do not reach it; what fills it in is no person.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def __init__(
        self,
        *args: Any,
        config: DeskConfig,
        person: Person,
        now: datetime,
        is_open: bool,
        n_kept: int = 0,
        outages: Sequence[Outage] = (),
        **kwargs: Any,
    ) -> None:
        self.outages = outages
        self.person, self.now, self.is_open, self.n_kept = person, now, is_open, n_kept
        self.answer: FormAnswer | None = None
        self.deadline_at: datetime | None = None
        self.held = False
        self.good_files: list[Upload] = []
        self.base_fields = _Shared(self.base_fields)  # type: ignore[misc]  # Django copies what the form itself has
        super().__init__(*args, config=config, **kwargs)
        self._choices()

    def _choices(self) -> None:
        config, person = self.config, self.person
        self._choose(
            "product", [("", config.say("form.unknown_product")), *((p.slug, p.name) for p in config.products)]
        )
        kinds = [(kind, config.say(f"form.deadline_{kind}")) for kind in DeadlineKind.values]
        self._choose("deadline_kind", [("", config.say("form.deadline_no_kind")), *kinds])
        self._choose("support_method", [(m, m) for m in self.methods()])
        self._choose_outage()
        self._choose("client", [(str(c.pk), c.name) for c in person.companies])
        if len(person.companies) < 2:
            del self.fields["client"]
        if person.tax_ids:
            self.fields["client_rfc"] = forms.ChoiceField(required=False)
            self._choose("client_rfc", [("", config.say("form.unknown_rfc")), *map(self._rfc_choice, person.tax_ids)])
        if person.branches:
            self._choose("branch", [("", config.say("form.all_branches")), *map(self._branch_choice, person.branches)])
        else:
            del self.fields["branch"]
        if person.is_known:
            del self.fields["name"]

    def _choose_outage(self) -> None:
        """Ask *¿Es esto lo que le pasa?* while there is something to ask; one that ended meanwhile is no mistake."""
        if not self.outages:
            del self.fields["outage"]
            return
        sent = str(self.data.get("outage") or "") if self.is_bound else ""
        known = [(str(outage.pk), outage.title) for outage in self.outages]
        self._choose("outage", [("", ""), *known, *([(sent, sent)] if sent and sent.isdigit() else [])])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Give the form a field of its own with these choices."""
        control = copy.copy(self.fields[name])
        assert isinstance(control, forms.ChoiceField)  # noqa: S101 - said for the type checker
        control.widget = copy.copy(control.widget)
        control.choices = choices
        self.fields[name] = control

    def _rfc_choice(self, tax_id: TaxId) -> tuple[str, str]:
        return tax_id.rfc, self._of(tax_id.rfc, tax_id.client_id)

    def _branch_choice(self, branch: Branch) -> tuple[str, str]:
        return str(branch.pk), self._of(branch.name, branch.client_id)

    def _of(self, text: str, client_id: int) -> str:
        """The text, with the company that it belongs to where there are several."""
        if len(self.person.companies) < 2:
            return text
        return f"{text} · {next((c.name for c in self.person.companies if c.pk == client_id), '')}"

    def methods(self) -> list[str]:
        """The desk's ways of attending; on site only in office hours."""
        known = [m for m in self.config.support_methods if m in SupportMethod.values]
        return [m for m in known if self.is_open or m != SupportMethod.ON_SITE]

    def required_sentence(self, name: str) -> str:
        key = f"form.{name}"
        return self.config.say(key if name in ("need", "impact", "name", "subject", "description") else "form.required")

    # -------------------------------------------------------------- checks

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data.get("key") or uuid.uuid4()

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("need") and data.get("impact"):
            self.answer = routing.form_answer(data["need"], data["impact"])
        self._clean_company()
        self._clean_outage()
        self._clean_deadline()
        self._clean_reach()
        self._clean_texts()
        self._clean_files(data.get("files") or [])
        if data.get("website"):
            self.add_error(None, self.config.say("form.trap"))
        return data

    def _clean_files(self, uploads: Sequence[Upload]) -> None:
        room, n = MAX_FILES - self.n_kept, self.n_kept + len(uploads)
        if n > MAX_FILES:
            self.add_error("files", self.config.say("form.too_many_files", n=n, limit=MAX_FILES))
        self.good_files = self.judge_files(uploads[: max(0, room)])

    def _clean_company(self) -> None:
        client = self.chosen_client()
        typed = self.text("client_rfc")
        if self.person.tax_ids:
            owner = next((t.client_id for t in self.person.tax_ids if t.rfc == typed), None)
            if typed and client is not None and owner != client.pk:
                self.add_error("client_rfc", self.config.say("form.rfc_not_of_client"))
        elif typed:
            try:
                self.cleaned_data["client_rfc"] = rfc.check(typed).rfc
            except Invalid as wrong:
                self.add_error("client_rfc", str(wrong.errors[0].message))
        branch = self.chosen_branch()
        if branch is not None and client is not None and branch.client_id != client.pk:
            self.add_error("branch", self.config.say("form.branch_not_of_client"))

    def _clean_outage(self) -> None:
        outage = self._outage()
        if outage is None or self.answer is None:
            return
        if not concerns(outage.products, product=self.text("product"), affects_operation=self.answer.affects_operation):
            names = [p.name for p in self.config.products if p.slug in outage.products]
            products = words.listed(names) if names else self.config.say("outage.all_products")
            self.add_error("outage", self.config.say("outage.not_this", products=products))

    def _outage(self) -> Outage | None:
        return next((one for one in self.outages if str(one.pk) == self.text("outage")), None)

    def _clean_deadline(self) -> None:
        typed_day, typed_time = self.text("deadline_on"), self.text("deadline_time")
        day = _read_day(typed_day)
        if typed_day and day is None:
            self.add_error("deadline_on", self.config.say("form.date", text=typed_day[:20]))
        clock = _read_time(typed_time)
        if typed_time and clock is None:
            self.add_error("deadline_time", self.config.say("form.time", text=typed_time[:20]))
        if typed_time and not typed_day:
            self.add_error("deadline_on", self.config.say("form.time_without_date"))
        if day is None or (typed_time and clock is None):
            return
        # A date alone is the whole of that day.
        at = datetime.combine(day, clock or time(23, 59), self.config.zone)
        if at < self.now:
            self.add_error("deadline_on", self.config.say("form.deadline_past"))
        else:
            self.deadline_at = at

    def _clean_reach(self) -> None:
        phone, email = self.text("phone"), self.text("email")
        if phone:
            try:
                self.cleaned_data["phone"] = str(phones.parse(phone))
            except Invalid as wrong:
                self.add_error("phone", str(wrong.errors[0].message))
        if email:
            try:
                emails.validate(email)
            except ValidationError:
                self.add_error("email", self.config.say("form.email", text=email[:80]))
        if not phone and not email:
            self.add_error("email", self.config.say("form.reach"))

    def _clean_texts(self) -> None:
        self.limit("subject", MAX_SUBJECT)
        self.limit("description", MAX_BODY)
        self.limit("name", MAX_NAME)
        if self.answer is None:
            return
        taught = self.n_lessons()
        kind = self.answer.request_type
        text, subject = self.text("description"), self.text("subject")
        if text and description.is_held(text, request_type=kind, lessons=taught):
            self._hold("description", lessons.sentence(text, self.config))
        if _bare(subject) in EMPTY_SUBJECTS and kind != "system_down" and taught < description.LESSONS:
            self._hold("subject", self.config.say("form.vague", text=subject))

    def _hold(self, name: str, lesson: str) -> None:
        self.held = True
        self.add_error(name, lesson)

    # -------------------------------------------------------------- answers

    def form_key(self) -> uuid.UUID:
        """The key that this form carries: the one it came with, or a new one that all later calls repeat."""
        found = self.cleaned_data.get("key") if hasattr(self, "cleaned_data") else None
        if isinstance(found, uuid.UUID):
            return found
        if not hasattr(self, "_new_key"):
            self._new_key = uuid.uuid4()
        return self._new_key

    def n_lessons(self) -> int:
        return keeping.lessons(self.text("lessons"), key=self.form_key())

    def chosen_client(self) -> Client | None:
        """The company that the person chose, or the only one they have."""
        if len(self.person.companies) == 1:
            return self.person.companies[0]
        chosen = self.text("client")
        return next((c for c in self.person.companies if str(c.pk) == chosen), None)

    def chosen_branch(self) -> Branch | None:
        chosen = self.text("branch")
        return next((b for b in self.person.branches if str(b.pk) == chosen), None)

    def chosen_outage(self) -> int | None:
        """The outage that the person says it is, of those that hold."""
        outage = self._outage()
        return outage.pk if outage else None

    def chosen_product(self) -> ProductInfo | None:
        return self.config.product(self.text("product"))


def _read_day(text: str) -> date | None:
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007 - a local date, without an hour
        except ValueError:
            continue
    return None


def _read_time(text: str) -> time | None:
    try:
        return datetime.strptime(text.replace(".", ":"), "%H:%M").time()  # noqa: DTZ007 - a wall clock
    except ValueError:
        return None


def _bare(text: str) -> str:
    """The words without case, accents and signs."""
    plain = unicodedata.normalize("NFD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


class ReplyForm(_DeskForm):
    """A word on a ticket, with files."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    body = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}), strip=False)
    files = FilesField(required=False)  # type: ignore[assignment]  # the form's own `files` is set on the instance

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.good_files: list[Upload] = []
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        self.limit("body", MAX_BODY)
        uploads = self.cleaned_data.get("files") or []
        if len(uploads) > MAX_FILES:
            self.add_error("files", self.config.say("form.too_many_files", n=len(uploads), limit=MAX_FILES))
        self.good_files = self.judge_files(uploads[:MAX_FILES])
        if not self.text("body") and not uploads and "uploads" not in self.data:  # those went ahead
            self.add_error("body", self.config.say("refused.body"))
        return self.cleaned_data


class ReasonForm(_DeskForm):
    """Why: for reopening, contesting, escalating and cancelling."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def required_sentence(self, name: str) -> str:
        return self.config.say("refused.reason")

    def clean(self) -> dict[str, Any]:
        self.limit("reason", MAX_REASON, "refused.reason_long")
        return self.cleaned_data
