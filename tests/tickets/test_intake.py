"""Filing: what is refused and where it says so, what is kept, what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from clients.models import Contact
from core.actor import VISITOR
from core.errors import Forbidden, Invalid
from desks.models import DeskCounter
from notifications.models import Notification
from tests.tickets.cast import OUTAGE, QUESTION, Imx
from tickets import counts
from tickets.models import Clock, QueueDelta, TellTask, Ticket, TicketEvent, TicketSearch

pytestmark = pytest.mark.django_db


def total(imx: Imx, key: str) -> int:
    return sum(QueueDelta.objects.filter(desk=imx.desk, key=key).values_list("n", flat=True))


def test_a_report_in_office_hours_has_number_person_clocks_and_mails(imx: Imx, office_hour: datetime) -> None:
    ticket = imx.open(now=office_hour)

    assert ticket.number == "IMX-1"
    assert (ticket.lane, ticket.priority, ticket.status) == ("office", "critical", "assigned")
    assert ticket.assignee is not None
    due = {c.kind: c.due_at - office_hour for c in Clock.objects.filter(ticket=ticket) if c.due_at}
    assert due == {"first_response": timedelta(minutes=15), "resolution": timedelta(hours=4)}
    assert ticket.sort_due_at == office_hour + timedelta(minutes=15)
    recipients = set(Notification.objects.values_list("recipient", flat=True))
    assert recipients == {"rosa.medina@lanortena.example", ticket.assignee.email}
    opened = TicketEvent.objects.get(ticket=ticket, type="ticket.opened")
    assert opened.data["why"][0]["code"] == "inside_office"
    assert opened.xid > 0
    assert TicketSearch.objects.filter(ticket=ticket).exists()
    assert (total(imx, counts.OPEN), total(imx, counts.mine(ticket.assignee_id))) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        pytest.param({"description": "Ayuda"}, "description", "vague", id="vague"),
        pytest.param({"subject": "  "}, "subject", "required", id="no subject"),
        pytest.param({"subject": "x" * 201}, "subject", "max_length", id="long subject"),
        pytest.param({"email": "", "phone": ""}, "requester.email", "unreachable", id="no way to answer"),
        pytest.param({"phone": "12345"}, "requester.phone", "phone", id="half a number"),
        pytest.param({"client_rfc": "FNO18312KX1"}, "client_rfc", "rfc_shape", id="an RFC a digit short"),
        pytest.param({"request_type": "pizza"}, "request_type", "invalid_choice", id="unknown type"),
        pytest.param({"name": ""}, "requester.name", "required", id="nameless"),
    ],
)
def test_a_refused_report_names_the_field_and_takes_no_number(
    imx: Imx, office_hour: datetime, changes: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        imx.open(QUESTION, now=office_hour, **changes)

    assert (field, code) in [(e.field, e.code) for e in refusal.value.errors]
    assert not Ticket.objects.exists()
    assert imx.open(now=office_hour).number == "IMX-1"


def test_several_mistakes_are_told_at_once(imx: Imx, office_hour: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        imx.open(QUESTION, now=office_hour, description="Error", subject="", email="", phone="55")

    assert {e.field for e in refusal.value.errors} == {"subject", "description", "requester.phone"}


def test_a_vague_text_passes_after_two_lessons_with_a_flag(imx: Imx, office_hour: datetime) -> None:
    ticket = imx.open(QUESTION, now=office_hour, description="Tengo un problema", lessons=2)

    assert ticket.vague


def test_the_same_button_twice_files_once(imx: Imx, office_hour: datetime) -> None:
    key = uuid4()

    first = imx.open(now=office_hour, intake_key=key)
    second = imx.open(now=office_hour, intake_key=key)

    assert first.pk == second.pk
    assert DeskCounter.objects.get(desk=imx.desk, kind="ticket").last == 1


def test_an_rfc_typed_by_a_stranger_only_proposes(imx: Imx, office_hour: datetime) -> None:
    client = imx.client()

    ticket = imx.open(now=office_hour, client_rfc="fno180312kx1")

    assert (ticket.client, ticket.proposed_client) == (None, client)


def test_a_signed_in_client_files_for_their_company(imx: Imx, office_hour: datetime) -> None:
    from accounts.models import User
    from clients import actors

    client = imx.client()
    rosa = imx.contact(client)
    rosa.user = User.objects.create_user("rosa.medina@lanortena.example", name="Rosa Medina")
    rosa.save()

    ticket = imx.open(now=office_hour, by=actors.actor_for(rosa.user), client_rfc="FNO180312KX1")

    assert (ticket.client, ticket.proposed_client, ticket.requester) == (client, None, rosa)


def test_without_mail_telling_the_client_is_a_task(imx: Imx, office_hour: datetime) -> None:
    ticket = imx.open(now=office_hour, email="", phone="722 555 0198")

    task = TellTask.objects.get(ticket=ticket)
    assert (task.code, task.done_at) == ("opened", None)
    assert ticket.number in task.text
    assert Contact.objects.get().phone == "+527225550198"


def test_a_deadline_within_a_day_raises_the_priority(imx: Imx, office_hour: datetime) -> None:
    soon = imx.open(QUESTION, now=office_hour, deadline_at=office_hour + timedelta(hours=20))
    later = imx.open(QUESTION, now=office_hour, deadline_at=office_hour + timedelta(hours=30))

    assert (soon.priority, later.priority) == ("high", "normal")


def test_only_staff_register_a_call_afterwards(imx: Imx, office_hour: datetime) -> None:
    with pytest.raises(Forbidden):
        imx.open(now=office_hour, occurred_at=office_hour - timedelta(hours=9), by=VISITOR)


def test_a_call_attended_at_night_is_saved_solved_with_its_real_times(imx: Imx) -> None:
    at_two = datetime(2026, 11, 18, 8, 10, tzinfo=UTC)  # 02:10
    at_seven = datetime(2026, 11, 18, 13, 0, tzinfo=UTC)  # 07:00

    ticket = imx.open(
        now=at_seven,
        by=imx.actor("bruno"),
        channel="phone",
        occurred_at=at_two,
        answered_at=at_two + timedelta(minutes=2),
        resolved_at=at_two + timedelta(minutes=35),
        solution="Se reinició el servicio de timbrado y se probó con dos facturas.",
    )

    assert (ticket.status, ticket.assignee.name) == ("resolved", "Bruno Ortega")
    assert (ticket.opened_at, ticket.recorded_at) == (at_two, at_seven)
    assert (ticket.answered_at, ticket.resolved_at) == (
        at_two + timedelta(minutes=2),
        at_two + timedelta(minutes=35),
    )
    notice = Notification.objects.get()
    assert notice.recipient == OUTAGE.email
    assert notice.not_before == datetime(2026, 11, 18, 14, 0, tzinfo=UTC)  # 08:00 at the earliest
    assert {c.stopped_at is not None for c in Clock.objects.filter(ticket=ticket)} == {True}


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"occurred_at": 60}, "occurred_at", "in_the_future"),
        ({"occurred_at": -60, "answered_at": -90}, "answered_at", "out_of_order"),
        ({"occurred_at": -60, "resolved_at": -30}, "solution", "required"),
    ],
)
def test_times_of_a_call_must_make_sense(
    imx: Imx, office_hour: datetime, fields: dict[str, int], field: str, code: str
) -> None:
    instants = {name: office_hour + timedelta(minutes=n) for name, n in fields.items()}

    with pytest.raises(Invalid) as refusal:
        imx.open(now=office_hour, by=imx.actor("bruno"), **instants)

    assert (field, code) in [(e.field, e.code) for e in refusal.value.errors]


def test_the_foot_of_a_mail_names_whom_to_reach_at_that_minute(
    imx: Imx, office_hour: datetime, saturday_afternoon: datetime
) -> None:
    by_day, by_night = imx.open(now=office_hour), imx.open(now=saturday_afternoon)

    def foot(ticket: Ticket) -> list[str]:
        return [row["address"] for row in Notification.objects.get(key=f"opened/{ticket.pk}").params["footer"]]

    assert foot(by_day)[0] == "722 555 0145"
    assert foot(by_night)[0] == "722 555 0177"
    assert "722 555 0145" not in foot(by_night)
