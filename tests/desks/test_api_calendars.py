"""`calendars/` as programs call it. The tables of business time itself are in tests/schedules."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import actions as account_actions
from accounts.models import User
from desks.models import Desk
from schedules.models import BusinessCalendar, CalendarVersion
from tests.desks.cast import NOW, WEEK, join, make_contact, make_desk, make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/calendars/"
BODY: dict[str, Any] = {
    "slug": "oficina-norte",
    "name": "Oficina norte",
    "timezone": "America/Mexico_City",
    "hours": WEEK,
    "holidays": "MX",
    "closures": [{"date": "2026-12-24", "name": "Nochebuena", "opens": "14:00", "closes": "24:00"}],
    "extra_openings": [{"date": "2026-11-22", "opens": "10:00", "closes": "12:00"}],
}


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Desk:
    return make_desk("norte")


@pytest.fixture
def manager(desk: Desk) -> APIClient:
    user = make_user("Marcela Ibarra")
    join(desk, user, "manager")
    return client_of(user)


@pytest.fixture
def made(manager: APIClient) -> APIClient:
    assert manager.post(URL, BODY).status_code == 201
    return manager


def errors_of(response: Any) -> dict[str, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code == 400
    assert body["code"] == "invalid"
    assert all(error["message"] for error in body["errors"])
    return {error["field"]: error["code"] for error in body["errors"]}


# --- making


def test_a_manager_makes_a_calendar_and_reads_it_back(manager):
    made = manager.post(URL, BODY)

    assert made.status_code == 201
    assert made.headers["Location"] == f"{URL}oficina-norte/"
    assert made.json() == {"desk": "norte", **BODY}
    assert manager.get(made.headers["Location"]).json() == made.json()


def test_what_is_left_out_is_empty(manager):
    body = {name: BODY[name] for name in ("slug", "name", "timezone", "hours")}

    told = manager.post(URL, body).json()

    assert (told["holidays"], told["closures"], told["extra_openings"]) == (None, [], [])


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        pytest.param(
            {"hours": [{"weekday": 0, "opens": "09:00", "closes": "09:00"}]},
            "hours.0.closes",
            "equal_times",
            id="equal times",
        ),
        pytest.param(
            {"hours": [{"weekday": 7, "opens": "09:00", "closes": "10:00"}]},
            "hours.0.weekday",
            "invalid_weekday",
            id="no such weekday",
        ),
        pytest.param(
            {"hours": [{"weekday": True, "opens": "09:00", "closes": "10:00"}]},
            "hours.0.weekday",
            "invalid_weekday",
            id="a flag for a weekday",
        ),
        pytest.param(
            {"hours": [{"weekday": 0, "opens": "9:00", "closes": "10:00"}]},
            "hours.0.opens",
            "invalid_time",
            id="hour without its zero",
        ),
        pytest.param(
            {"hours": [{"weekday": 0, "opens": "24:00", "closes": "10:00"}]},
            "hours.0.opens",
            "invalid_time",
            id="opens at 24:00",
        ),
        pytest.param(
            {"hours": [{"weekday": 0, "opens": "23:00", "closes": "24:01"}]},
            "hours.0.closes",
            "invalid_time",
            id="after 24:00",
        ),
        pytest.param(
            {"hours": [{"weekday": 0, "opens": 900, "closes": "10:00"}]},
            "hours.0.opens",
            "invalid_time",
            id="a number for an hour",
        ),
        pytest.param({"hours": [{"weekday": 0, "opens": "09:00"}]}, "hours.0.closes", "required", id="no closing"),
        pytest.param({"hours": ["lunes"]}, "hours.0", "not_an_object", id="a text for a row"),
        pytest.param({"hours": "siempre"}, "hours", "not_a_list", id="a text for hours"),
        pytest.param({"hours": [], "extra_openings": []}, "hours", "never_opens", id="never opens"),
        pytest.param({"hours": None, "extra_openings": None}, "hours", "never_opens", id="nothing at all"),
        pytest.param({"timezone": "America/Mexico"}, "timezone", "unknown_zone", id="unknown zone"),
        pytest.param({"timezone": "../etc/passwd"}, "timezone", "unknown_zone", id="a path for a zone"),
        pytest.param({"timezone": ""}, "timezone", "required", id="no zone"),
        pytest.param({"timezone": 6}, "timezone", "unknown_zone", id="a number for a zone"),
        pytest.param({"holidays": "US"}, "holidays", "unknown_holidays", id="other holidays"),
        pytest.param({"holidays": ["MX"]}, "holidays", "unknown_holidays", id="a list for holidays"),
        pytest.param(
            {"closures": [{"date": "2026-02-30", "name": "x"}]}, "closures.0.date", "invalid_date", id="no such date"
        ),
        pytest.param(
            {"closures": [{"date": "2026-12-24"}]}, "closures.0.name", "required", id="closure without a name"
        ),
        pytest.param(
            {"closures": [{"date": "2026-12-24", "name": "x", "opens": "10:00"}]},
            "closures.0.closes",
            "required",
            id="half a window",
        ),
        pytest.param(
            {"closures": [{"date": "0001-01-01", "name": "x"}]}, "closures.0.date", "out_of_range", id="year 1"
        ),
        pytest.param(
            {"extra_openings": [{"date": "2026-12-24", "opens": "10:00", "closes": "10:00"}]},
            "extra_openings.0.closes",
            "equal_times",
            id="extra opening of no time",
        ),
        pytest.param(
            {"extra_openings": {"date": "2026-12-24"}}, "extra_openings", "not_a_list", id="an object for a list"
        ),
        pytest.param({"slug": ""}, "slug", "required", id="no slug"),
        pytest.param({"slug": "con espacios"}, "slug", "invalid_slug", id="slug with spaces"),
        pytest.param({"slug": "á"}, "slug", "invalid_slug", id="slug with an accent"),
        pytest.param({"slug": "x" * 65}, "slug", "too_long", id="long slug"),
        pytest.param({"slug": 12}, "slug", "invalid", id="a number for a slug"),
        pytest.param({"slug": "oficina"}, "slug", "taken", id="slug in use"),
        pytest.param({"name": None}, "name", "required", id="no name"),
        pytest.param({"name": "x" * 121}, "name", "too_long", id="long name"),
        pytest.param({"name": ["x"]}, "name", "invalid", id="a list for a name"),
        pytest.param({"name": "a\u0000b"}, "name", "invalid_characters", id="NUL"),
        pytest.param({"desk": 5}, "desk", "invalid", id="a number for a desk"),
    ],
)
def test_bad_input_names_the_field_and_saves_nothing(manager, change, field, code):
    before = (BusinessCalendar.objects.count(), CalendarVersion.objects.count())

    response = manager.post(URL, {**BODY, **change})

    assert errors_of(response)[field] == code
    assert (BusinessCalendar.objects.count(), CalendarVersion.objects.count()) == before


def test_all_faults_are_told_at_once(manager):
    response = manager.post(URL, {"slug": "a b", "hours": [{"weekday": 9, "opens": "x", "closes": "10:00"}]})

    assert errors_of(response).keys() == {"slug", "name", "timezone", "hours.0.weekday", "hours.0.opens"}


@pytest.mark.parametrize("body", [[], "x", 5, None, [BODY]])
def test_a_body_that_is_no_object_is_refused(manager, body):
    assert "slug" in errors_of(manager.post(URL, body))


def test_broken_json_is_a_problem(manager):
    response = manager.post(URL, b'{"slug": ', content_type="application/json")

    assert response.status_code == 400
    assert response.json()["code"] == "parse_error"


def test_the_same_key_makes_one_calendar(manager):
    first = manager.post(URL, BODY, headers={"Idempotency-Key": "k-1"})
    again = manager.post(URL, BODY, headers={"Idempotency-Key": "k-1"})
    other = manager.post(URL, {**BODY, "name": "Otra"}, headers={"Idempotency-Key": "k-1"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert BusinessCalendar.objects.filter(slug=BODY["slug"]).count() == 1


# --- who


@pytest.mark.parametrize("role", ["consultant", "supervisor", "sales"])
def test_other_roles_may_read_but_not_make(desk, made, role):
    user = make_user("Karla Jiménez")
    join(desk, user, role)
    client = client_of(user)

    refused = client.post(URL, {**BODY, "slug": "otra"})

    assert refused.status_code == 403
    assert refused.json()["code"] == "forbidden"
    assert client.get(f"{URL}oficina-norte/").status_code == 200
    assert client.get(f"{URL}oficina-norte/status/").status_code == 200


def test_other_desks_clients_and_strangers_see_nothing(desk, made):
    eva = make_user("Eva Ruiz")
    join(make_desk("sur"), eva, "manager")
    rosa = make_user("Rosa Medina")
    make_contact(desk.vendor, user=rosa)

    for path in ("", "status/", "add/?start=x&minutes=y", "elapsed/", "business-days/"):
        assert client_of(eva).get(f"{URL}oficina-norte/{path}").status_code == 404
        assert client_of(rosa).get(f"{URL}oficina-norte/{path}").status_code == 404
        assert APIClient().get(f"{URL}oficina-norte/{path}").status_code == 401
    assert client_of(rosa).post(URL, BODY).status_code == 403
    assert APIClient().post(URL, BODY).status_code == 401


def test_the_manager_of_another_desk_cannot_make_one_here(desk):
    eva = make_user("Eva Ruiz")
    join(make_desk("sur"), eva, "manager")

    assert client_of(eva).post(URL, {**BODY, "desk": "norte"}).status_code == 404
    assert client_of(eva).post(URL, {**BODY, "desk": "no-hay"}).status_code == 404


def test_a_consultant_here_and_manager_there_makes_one_there(desk):
    other = make_desk("sur")
    eva = make_user("Eva Ruiz")
    join(desk, eva, "consultant")
    join(other, eva, "manager")

    assert client_of(eva).post(URL, {**BODY, "desk": "norte"}).status_code == 403
    assert client_of(eva).post(URL, BODY).json()["desk"] == "sur"


def test_who_manages_several_says_which_desk(desk):
    other = make_desk("sur")
    eva = make_user("Eva Ruiz")
    join(desk, eva, "manager")
    join(other, eva, "manager")
    client = client_of(eva)

    assert errors_of(client.post(URL, BODY)) == {"desk": "required"}
    assert client.post(URL, {**BODY, "desk": "sur"}).status_code == 201
    assert client.post(URL, {**BODY, "desk": "norte"}).status_code == 201
    assert errors_of(client.get(f"{URL}oficina-norte/")) == {"desk": "ambiguous"}
    assert client.get(f"{URL}oficina-norte/?desk=sur").json()["desk"] == "sur"
    assert client.get(f"{URL}oficina-norte/?desk=otra").status_code == 404


def test_the_administrator_of_the_installation_manages_every_desk(desk):
    root = client_of(make_user("Root", is_staff=True))

    assert root.post(URL, {**BODY, "desk": "norte"}).status_code == 201
    assert root.get(f"{URL}oficina-norte/").status_code == 200


def test_a_token_does_what_its_owner_may(desk):
    marcela = make_user("Marcela Ibarra")
    join(desk, marcela, "manager")
    _token, plaintext = account_actions.issue_token(marcela, label="", now=NOW)
    program = APIClient(headers={"Authorization": f"Token {plaintext}"})

    assert program.post(URL, BODY).status_code == 201
    assert program.get(f"{URL}oficina-norte/status/").status_code == 200
    assert APIClient(headers={"Authorization": "Token x"}).get(f"{URL}oficina-norte/status/").status_code == 401


def test_sentences_are_spanish_or_english_as_asked(made):
    def message(**headers: str) -> str:
        answer = made.get(f"{URL}oficina-norte/add/", {"start": AT, "minutes": "-1"}, headers=headers)
        text: str = answer.json()["errors"][0]["message"]
        return text

    assert message() == "Los minutos no pueden ser negativos."
    assert message(**{"Accept-Language": "en"}) == "The minutes cannot be negative."


# --- asking


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(
            "2026-11-17T10:42:00-06:00",
            (True, "2026-11-17T16:00:00-06:00", "2026-11-17T14:00:00-06:00", "hours"),
            id="open",
        ),
        pytest.param(
            "2026-11-17T16:42:00Z",
            (True, "2026-11-17T16:00:00-06:00", "2026-11-17T14:00:00-06:00", "hours"),
            id="in UTC",
        ),
        pytest.param(
            "2026-11-17T14:00:00-06:00",
            (False, "2026-11-17T16:00:00-06:00", "2026-11-17T19:00:00-06:00", "outside_hours"),
            id="at the closing",
        ),
        pytest.param(
            "2026-11-16T10:00:00-06:00",
            (False, "2026-11-17T09:00:00-06:00", "2026-11-17T14:00:00-06:00", "holiday"),
            id="a holiday that was moved",
        ),
        pytest.param(
            "2026-12-24T16:30:00-06:00",
            (False, "2026-12-26T09:00:00-06:00", "2026-12-26T14:00:00-06:00", "closure"),
            id="a window of closure",
        ),
        pytest.param(
            "2026-11-22T10:00:00-06:00",
            (True, "2026-11-23T09:00:00-06:00", "2026-11-22T12:00:00-06:00", "extra_opening"),
            id="a Sunday with an extra opening",
        ),
    ],
)
def test_status_tells_whether_it_is_open_and_why(made, at, expected):
    told = made.get(f"{URL}oficina-norte/status/", {"at": at}).json()

    assert (told["open"], told["next_open"], told["next_close"], told["reason"]) == expected


def test_status_names_the_holiday_and_needs_no_instant(made):
    told = made.get(f"{URL}oficina-norte/status/?at=2026-09-16T10:00:00-06:00").json()

    assert told["reason"] == "holiday"
    assert told["reason_name"] == "Día de la Independencia"
    assert made.get(f"{URL}oficina-norte/status/").status_code == 200


def test_a_calendar_around_the_clock_never_closes(manager):
    always = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]
    manager.post(URL, {**BODY, "slug": "siempre", "hours": always, "holidays": None, "closures": []})

    told = manager.get(f"{URL}siempre/status/?at=2026-11-17T10:00:00-06:00").json()

    assert (told["open"], told["next_open"], told["next_close"]) == (True, None, None)


@pytest.mark.parametrize(
    ("start", "minutes", "result"),
    [
        ("2026-11-17T13:00:00-06:00", "60", "2026-11-17T14:00:00-06:00"),
        ("2026-11-17T13:00:00-06:00", "61", "2026-11-17T16:01:00-06:00"),
        ("2026-11-17T13:00:30-06:00", "60", "2026-11-17T16:00:30-06:00"),
        ("2026-11-17T14:00:00-06:00", "0", "2026-11-17T16:00:00-06:00"),
        ("2026-11-17T13:00:00-06:00", "0", "2026-11-17T13:00:00-06:00"),
        ("2026-11-17T13:00:00-06:00", "0.5", "2026-11-17T13:00:30-06:00"),
        ("2026-11-14T13:00:00-06:00", "120", "2026-11-17T10:00:00-06:00"),
        ("2026-11-17T13:00:00-06:00", "-0", "2026-11-17T13:00:00-06:00"),
    ],
)
def test_add_goes_over_closings_and_holidays(made, start, minutes, result):
    told = made.get(f"{URL}oficina-norte/add/", {"start": start, "minutes": minutes})

    assert told.json() == {"result": result}


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-17T13:00:00-06:00", "2026-11-17T16:30:00-06:00", 90),
        ("2026-11-17T13:00:00-06:00", "2026-11-17T13:00:45-06:00", 0.75),
        ("2026-11-17T13:00:00-06:00", "2026-11-17T13:00:00-06:00", 0),
        ("2026-11-18T13:00:00-06:00", "2026-11-17T13:00:00-06:00", 0),
        ("2026-11-14T13:00:00-06:00", "2026-11-17T16:00:00Z", 120),
    ],
)
def test_elapsed_counts_open_minutes(made, start, end, minutes):
    assert made.get(f"{URL}oficina-norte/elapsed/", {"start": start, "end": end}).json() == {"minutes": minutes}


@pytest.mark.parametrize(
    ("date", "days", "result"),
    [
        ("2026-11-13", "1", "2026-11-14"),
        ("2026-11-14", "1", "2026-11-17"),
        ("2026-11-17", "-1", "2026-11-14"),
        ("2026-11-16", "0", "2026-11-17"),
        ("2026-11-17", "0", "2026-11-17"),
        ("2026-11-17", "+2", "2026-11-19"),
    ],
)
def test_business_days_go_both_ways(made, date, days, result):
    told = made.get(f"{URL}oficina-norte/business-days/", {"date": date, "days": days})

    assert told.json() == {"result": result}


AT = "2026-11-17T10:00:00-06:00"


@pytest.mark.parametrize(
    ("path", "params", "field", "code"),
    [
        pytest.param("status", {"at": "2026-11-17T10:00:00"}, "at", "offset_required", id="no offset"),
        pytest.param("status", {"at": "ayer"}, "at", "invalid", id="a word for an instant"),
        pytest.param("status", {"at": "2026-13-17T10:00:00Z"}, "at", "invalid", id="month 13"),
        pytest.param("status", {"at": "2026-11-17"}, "at", "invalid", id="a date for an instant"),
        pytest.param("status", {"at": "0001-01-01T00:00:00Z"}, "at", "out_of_range", id="year 1"),
        pytest.param("status", {"at": "9999-12-31T23:59:59Z"}, "at", "out_of_range", id="year 9999"),
        pytest.param("status", {"at": "2150-01-01T00:00:00Z"}, "at", "out_of_range", id="after the holidays end"),
        pytest.param("add", {"minutes": "5"}, "start", "required", id="no start"),
        pytest.param("add", {"start": AT}, "minutes", "required", id="no minutes"),
        pytest.param("add", {"start": AT, "minutes": "-1"}, "minutes", "negative", id="negative"),
        pytest.param("add", {"start": AT, "minutes": "-0.001"}, "minutes", "negative", id="a little negative"),
        pytest.param("add", {"start": AT, "minutes": "9" * 30}, "minutes", "out_of_range", id="a huge number"),
        pytest.param("add", {"start": AT, "minutes": "9" * 9}, "minutes", "out_of_range", id="a thousand years"),
        pytest.param("add", {"start": AT, "minutes": "60000000"}, "minutes", "out_of_range", id="a century"),
        pytest.param("add", {"start": AT, "minutes": "1e3"}, "minutes", "invalid", id="exponent"),
        pytest.param("add", {"start": AT, "minutes": "NaN"}, "minutes", "invalid", id="not a number"),
        pytest.param("add", {"start": AT, "minutes": "\u0665"}, "minutes", "invalid", id="arabic digits"),
        pytest.param("add", {"start": AT, "minutes": "true"}, "minutes", "invalid", id="a flag"),
        pytest.param("elapsed", {"start": AT}, "end", "required", id="no end"),
        pytest.param(
            "elapsed",
            {"start": "1995-01-01T00:00:00Z", "end": "2095-01-01T00:00:00Z"},
            "end",
            "out_of_range",
            id="a range of a century",
        ),
        pytest.param(
            "elapsed", {"start": AT, "end": "2026-11-17 10:00"}, "end", "offset_required", id="end without offset"
        ),
        pytest.param("business-days", {"days": "1"}, "date", "required", id="no date"),
        pytest.param("business-days", {"date": "2026-11-17"}, "days", "required", id="no days"),
        pytest.param(
            "business-days", {"date": "17/11/2026", "days": "1"}, "date", "invalid_date", id="a date as people write it"
        ),
        pytest.param("business-days", {"date": "2026-02-29", "days": "1"}, "date", "invalid_date", id="29 February"),
        pytest.param("business-days", {"date": "20261117", "days": "1"}, "date", "invalid_date", id="without hyphens"),
        pytest.param("business-days", {"date": "2026-11-17", "days": "1.5"}, "days", "invalid", id="half a day"),
        pytest.param(
            "business-days", {"date": "2026-11-17", "days": "1" * 400}, "days", "out_of_range", id="huge days"
        ),
        pytest.param(
            "business-days", {"date": "2026-11-17", "days": "-1000000"}, "days", "not_open_again", id="before 1970"
        ),
        pytest.param(
            "business-days", {"date": "2200-01-01", "days": "1"}, "date", "out_of_range", id="a date too late"
        ),
    ],
)
def test_bad_questions_name_the_parameter(made, path, params, field, code):
    assert errors_of(made.get(f"{URL}oficina-norte/{path}/", params)) == {field: code}


def test_a_nul_in_a_question_names_the_parameter(made):
    response = made.get(f"{URL}oficina-norte/add/?start={AT.replace('+', '%2B')}&minutes=5%00")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["minutes"]


def test_a_plus_that_was_not_escaped_is_understood(made):
    told = made.get(f"{URL}oficina-norte/add/?start=2026-11-17T16:00:00+00:00&minutes=60")

    assert told.json() == {"result": "2026-11-17T11:00:00-06:00"}


def test_a_calendar_that_opened_once_does_not_open_again(manager):
    once = [{"date": "2020-01-06", "opens": "10:00", "closes": "12:00"}]
    assert manager.post(URL, {**BODY, "slug": "una-vez", "hours": [], "extra_openings": once}).status_code == 201

    told = manager.get(f"{URL}una-vez/status/?at=2026-11-17T10:00:00Z").json()
    added = manager.get(f"{URL}una-vez/add/?start=2026-11-17T10:00:00Z&minutes=5")

    assert (told["open"], told["next_open"], told["next_close"]) == (False, None, None)
    assert errors_of(added) == {"minutes": "not_open_again"}


def test_instants_carry_the_offset_of_the_day(manager):
    manager.post(URL, {**BODY, "slug": "tijuana", "timezone": "America/Tijuana", "closures": [], "extra_openings": []})

    told = manager.get(f"{URL}tijuana/status/?at=2026-07-01T03:00:00Z").json()

    assert told["next_open"] == "2026-07-01T10:00:00-06:00"  # 09:00 in Tijuana, told in the desk's zone


def test_a_question_costs_few_queries(made, django_assert_max_num_queries):
    made.get(f"{URL}oficina-norte/status/?at={AT}".replace("+", "%2B"))
    with django_assert_max_num_queries(7):  # session, user, memberships, contacts, desks, calendar, version
        made.get(f"{URL}oficina-norte/status/", {"at": AT})


def test_the_schema_tells_of_the_calendars():
    schema = APIClient().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})

    assert schema.status_code == 200
    document = schema.json()
    assert document["openapi"].startswith("3.1")
    assert {"/api/v1/calendars/", "/api/v1/calendars/{slug}/status/", "/api/v1/rotas/{slug}/on-call/"} <= document[
        "paths"
    ].keys()
    making = document["paths"]["/api/v1/calendars/"]["post"]
    assert making["responses"]["4XX"]["content"].keys() == {"application/problem+json"}
    assert [row["name"] for row in making["parameters"]] == ["Idempotency-Key"]
    assert APIClient().get("/api/v1/docs/").status_code == 200
