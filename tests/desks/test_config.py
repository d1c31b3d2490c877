import pytest

from accounts.models import User
from clients import actors
from core.errors import Forbidden, Invalid
from desks import actions, queries
from desks.models import (
    Desk,
    DeskContact,
    EscalationPolicy,
    EscalationStep,
    Membership,
    Plan,
    Product,
    SLAPolicy,
    SLATarget,
)
from tests.desks.cast import join, make_desk, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def fresh(desk: Desk) -> Desk:
    return Desk.objects.select_related("vendor").get(pk=desk.pk)


def test_a_warm_configuration_costs_no_query(desk, django_assert_num_queries):
    row = fresh(desk)
    with django_assert_num_queries(8):
        first = queries.config(row)
    with django_assert_num_queries(0):
        assert queries.config(row) is first


def test_touch_makes_the_next_reader_see_the_change(desk):
    assert queries.config(desk).products == ()
    Product.objects.create(vendor=desk.vendor, slug="nube", name="Nube", versions=["2.0"])
    assert queries.config(desk).products == ()

    actions.touch(desk)

    assert [(p.slug, p.versions) for p in queries.config(desk).products] == [("nube", ("2.0",))]
    assert queries.config(fresh(desk)).version == desk.config_version


def test_who_attends_tickets_and_who_supervises(desk):
    people = {
        role: join(desk, make_user(f"{role.title()} Robles"), role).user_id
        for role in ("consultant", "supervisor", "manager", "sales")
    }

    config = queries.config(desk)

    assert {member.user_id for member in config.attending} == set(people.values()) - {people["sales"]}
    assert {member.user_id for member in config.members if member.supervises} == {
        people["supervisor"],
        people["manager"],
    }
    assert config.attendant(people["consultant"]) == config.member(people["consultant"])
    assert [config.attendant(user_id) for user_id in (people["sales"], 0, None)] == [None] * 3


def test_people_know_who_stands_above_them(desk):
    marcela = join(desk, make_user("Marcela Ibarra"), "manager")
    elena = join(desk, make_user("Elena Robles"), "supervisor", reports_to=marcela)
    karla = join(desk, make_user("Karla Jiménez"), "consultant", reports_to=elena)
    gone = join(desk, make_user("Iván Rentería"), "supervisor")
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    saul = join(desk, make_user("Saúl Garduño"), "consultant", reports_to=gone)

    config = queries.config(desk)

    assert [person.first_name for person in config.members] == ["Elena", "Karla", "Marcela", "Saúl"]
    assert config.superior_of(karla.user_id) == config.member(elena.user_id) is not None
    assert config.superior_of(elena.user_id) == config.member(marcela.user_id) is not None
    assert config.superior_of(marcela.user_id) is None
    assert config.superior_of(saul.user_id) is None
    assert config.member(gone.user_id) is None
    assert [person.user_id for person in config.managers] == [marcela.user_id]
    assert {person.user_id for person in config.with_role("consultant")} == {karla.user_id, saul.user_id}


def test_a_deactivated_account_is_no_member(desk):
    ada = make_user()
    join(desk, ada, "consultant")
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert queries.config(desk).members == ()


def test_targets_are_those_of_the_plan_or_of_the_desk(desk):
    own = SLAPolicy.objects.create(desk=desk, slug="general", name="General")
    plus = SLAPolicy.objects.create(desk=desk, slug="plus", name="Plus")
    SLATarget.objects.create(policy=own, priority="critical", kind="resolution", minutes=240, around_the_clock=True)
    SLATarget.objects.create(policy=plus, priority="critical", kind="resolution", minutes=120, around_the_clock=True)
    Desk.objects.filter(pk=desk.pk).update(sla_policy=own)
    Plan.objects.create(desk=desk, slug="plus", name="Plus", sla_policy=plus, extra_prices={"remote": "350.00"})

    config = queries.config(fresh(desk))

    assert config.targets()["critical"]["resolution"].minutes == 240
    assert config.targets(plus.pk)["critical"]["resolution"].minutes == 120
    assert config.targets(0) == {}
    assert config.plans[0].extra_prices == {"remote": "350.00"}


def test_the_routing_table_is_the_contract_where_the_desk_says_nothing(desk):
    Desk.objects.filter(pk=desk.pk).update(routing_table={"training": ["normal", "critical"]})

    table = queries.config(fresh(desk)).routing_table

    assert table["training"] == ("normal", "critical")
    assert table["operational_question"] == ("normal", "high")
    assert table["new_project"] == ("low", "low")


def test_both_ladders_come_in_their_order(desk):
    ladder = EscalationPolicy.objects.create(desk=desk, kind="on_call", name="Guardia")
    EscalationStep.objects.create(policy=ladder, position=2, whom="superior", after_minutes=10)
    EscalationStep.objects.create(policy=ladder, position=1, whom="on_call")

    config = queries.config(desk)

    assert [step.whom for step in config.on_call_steps] == ["on_call", "superior"]
    assert config.office_steps == ()


@pytest.mark.parametrize(
    ("kind", "address", "href"),
    [
        ("phone", "722 555 0145", "tel:+527225550145"),
        ("whatsapp", "+52 722 555 0145", "https://wa.me/527225550145"),
        ("email", "ayuda@norte.example", "mailto:ayuda@norte.example"),
        ("web", "https://norte.example/chat", "https://norte.example/chat"),
        ("web", "javascript:alert(1)", ""),
    ],
)
def test_a_contact_is_a_link_by_its_kind(desk, kind, address, href):
    DeskContact.objects.create(desk=desk, position=1, label="x", kind=kind, purpose="office", address=address)

    assert queries.config(desk).contacts[0].href == href


def test_sentences_are_those_of_the_desk(desk):
    Desk.objects.filter(pk=desk.pk).update(wording={"greeting": "Buenos días, {name}."})

    config = queries.config(fresh(desk))

    assert config.say("greeting", name="Rosa") == "Buenos días, Rosa."
    assert config.phrases(name="Rosa")["greeting"] == "Buenos días, Rosa."


def test_people_say_themselves_whether_they_are_available(desk):
    ada, eva = make_user(), make_user("Eva Ruiz")
    membership = join(desk, ada, "consultant")
    join(desk, eva, "consultant")
    version = desk.config_version

    actions.set_availability(membership, by=actors.actor_for(ada), availability="away")

    assert {p.user_id: p.availability for p in queries.config(fresh(desk)).members}[ada.pk] == "away"
    assert fresh(desk).config_version > version
    with pytest.raises(Forbidden):
        actions.set_availability(membership, by=actors.actor_for(eva), availability="busy")
    with pytest.raises(Invalid):
        actions.set_availability(membership, by=actors.actor_for(ada), availability="asleep")
