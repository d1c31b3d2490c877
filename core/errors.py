"""Refusals of the domain. One API handler and one page middleware turn them into answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a stable code and a sentence for a person."""

    field: str
    code: str
    message: Text


class DomainError(Exception):
    """A rule says no. `code` never changes; `message` is shown to people, translated."""

    status: ClassVar[int] = 409
    default_code: ClassVar[str] = "conflict"
    default_message: ClassVar[Text] = _("This cannot be done now.")

    def __init__(
        self,
        message: Text | None = None,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.message = message if message is not None else self.default_message
        self.errors = list(errors)
        self.extra = dict(extra or {})
        super().__init__(self.code)


class Invalid(DomainError):
    """The input is at fault, field by field."""

    status = 400
    default_code = "invalid"
    default_message = _("Please check the marked fields.")

    @classmethod
    def field(cls, name: str, code: str, message: Text) -> Invalid:
        return cls(errors=[FieldError(name, code, message)])


class Forbidden(DomainError):
    """The thing is visible to the actor, the verb is not theirs."""

    status = 403
    default_code = "forbidden"
    default_message = _("You are not allowed to do this.")


class Conflict(DomainError):
    """The state of things does not allow it."""


class TransitionNotAllowed(Conflict):
    """The lifecycle has no such step; `extra["state"]` says where the thing stands."""

    default_code = "transition_not_allowed"
    default_message = _("The ticket's state does not allow this.")

    def __init__(self, state: str, message: Text | None = None) -> None:
        super().__init__(message, extra={"state": state})


class AlreadyTaken(Conflict):
    """Somebody was faster; `extra["assignee"]` says who: {"id", "name", "kind"}."""

    default_code = "already_taken"
    default_message = _("Somebody else has just taken this ticket.")

    def __init__(self, state: str, assignee: Mapping[str, Any]) -> None:
        super().__init__(extra={"state": state, "assignee": dict(assignee)})


class TooMany(DomainError):
    """Asked too often; `extra["retry_after"]` in seconds."""

    status = 429
    default_code = "too_many_requests"
    default_message = _("Too many attempts. Please wait a moment.")

    def __init__(self, retry_after: int, message: Text | None = None) -> None:
        super().__init__(message, extra={"retry_after": retry_after})
