"""*Avisos* and a person's own page: who sees what, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from core.actor import Actor, ActorKind
from notifications import actions, queries, senders
from notifications.errors import NotConfigured
from notifications.models import Notification, WakeChannel
from tests.notifications.cast import NOW, put

pytestmark = pytest.mark.django_db

OURS, THEIRS = 1, 2
As = Callable[..., Client]


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@mesa.example", name="Ada Ríos", phone="+527225550188")


@pytest.fixture
def as_(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> As:
    """Sign Ada in with the roles that a test gives her."""

    def sign_in(*roles: str, is_admin: bool = False) -> Client:
        desks = {OURS: frozenset(roles)} if roles else {}
        actor = Actor(ActorKind.USER, id=ada.pk, user_id=ada.pk, desk_roles=desks, is_admin=is_admin)
        monkeypatch.setattr("notifications.views.people.actor_of", lambda request: (actor, request.user))
        monkeypatch.setattr("notifications.views.notices.actor_of", lambda request: (actor, request.user))
        monkeypatch.setattr("notifications.views.profile.actor_of", lambda request: (actor, request.user))
        client.force_login(ada)
        return client

    return sign_in


@pytest.fixture
def three() -> list[Notification]:
    """One notice of our desk, one of the other, one for Ada from the other."""
    return [
        put("ours", desk_id=OURS),
        put("theirs", desk_id=THEIRS, topic="ticket/2"),
        put("to ada", desk_id=THEIRS, recipient="ada@mesa.example"),
    ]


def shown(response: Any) -> set[str]:
    return {notice["subject"].removeprefix("Asunto: Reporte ") for notice in response.context["notices"]}


@pytest.mark.parametrize(
    ("roles", "is_admin", "expected"),
    [
        (["supervisor"], False, {"ours", "to ada"}),
        (["manager"], False, {"ours", "to ada"}),
        (["consultant"], False, {"to ada"}),
        (["sales"], False, {"to ada"}),
        ([], True, {"ours", "theirs", "to ada"}),
    ],
)
def test_who_sees_which_notices(
    as_: As, three: list[Notification], roles: list[str], is_admin: bool, expected: set[str]
) -> None:
    response = as_(*roles, is_admin=is_admin).get("/avisos/")

    assert response.status_code == 200
    assert shown(response) == expected


def test_clients_and_strangers_stay_out(as_: As, three: list[Notification]) -> None:
    assert Client().get("/avisos/")["Location"].startswith("/entrar/")
    assert as_().get("/avisos/").status_code == 403


@pytest.mark.parametrize("roles", [["consultant"], ["supervisor"]])
def test_a_foreign_notice_is_404_and_one_to_read_only_is_403(
    as_: As, three: list[Notification], roles: list[str]
) -> None:
    _ours, theirs, to_ada = three
    client = as_(*roles)

    for verb in ("reintentar", "cancelar"):
        assert client.post(f"/avisos/{theirs.pk}/{verb}/").status_code == 404
        assert client.post(f"/avisos/{to_ada.pk}/{verb}/").status_code == 403
        assert client.get(f"/avisos/{to_ada.pk}/{verb}/").status_code == 405


def test_a_given_up_notice_is_sent_again_by_a_button(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(notice: Notification) -> None:
        raise NotConfigured("nobody")

    monkeypatch.setattr(senders, "send", nobody)
    notice = put("ours", desk_id=OURS)
    actions.send_due(now=NOW)
    client = as_("supervisor")

    (row,) = client.get("/avisos/?ver=dead").context["notices"]
    assert (row["state"], row["tone"], row["error"]) == ("dead", "bad", "NotConfigured: nobody")
    client.post(row["retry_href"])

    notice.refresh_from_db()
    assert (notice.outcome, notice.attempts) == ("", 0)
    again = client.post(row["retry_href"], follow=True)
    assert again.status_code == 200  # said on the page, not a failure


def test_a_pending_notice_is_cancelled_by_a_button_one_that_wakes_is_not(as_: As) -> None:
    plain, waking = put("ours", desk_id=OURS), put("wake", desk_id=OURS, wakes=True, topic="t")
    client = as_("manager")
    rows = {row["id"]: row for row in client.get("/avisos/").context["notices"]}

    client.post(rows[plain.pk]["cancel_href"])
    client.post(f"/avisos/{waking.pk}/cancelar/")

    plain.refresh_from_db()
    waking.refresh_from_db()
    assert plain.cancelled_at is not None
    assert waking.cancelled_at is None
    assert rows[waking.pk]["cancel_href"] == ""


def test_each_state_is_said_in_words(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(notice: Notification) -> None:
        raise OSError("down")

    now = timezone.now()
    put("pending", desk_id=OURS, topic="1", now=now)
    put("planned", desk_id=OURS, topic="2", now=now, not_before=now + timedelta(hours=1))
    put("cancelled", desk_id=OURS, topic="3", now=now)
    actions.cancel(key="cancelled", now=now)
    put("retrying", desk_id=OURS, topic="4", now=now - timedelta(minutes=1))
    put("delivered", desk_id=OURS, topic="5", now=now - timedelta(minutes=1))
    with monkeypatch.context() as patch:
        patch.setattr(senders, "send", lambda notice: fail(notice) if notice.key == "retrying" else None)
        actions.send_due(now=now - timedelta(seconds=10))
    put("sending", desk_id=OURS, topic="0", now=now - timedelta(hours=1))
    assert actions.claim(now=now) is not None

    response = as_("supervisor").get("/avisos/")

    states = {row["subject"].rpartition(" ")[2]: row["state"] for row in response.context["notices"]}
    assert states == {key: key for key in states}
    assert len(states) == 6
    assert {tab["text"]: tab["count"] for tab in response.context["tabs"] if tab["count"] is not None}.popitem()[1] == 0
    for view in (*queries.FILTERS, "mine"):
        assert as_("supervisor").get(f"/avisos/?ver={view}").status_code == 200
    assert as_("supervisor").get("/avisos/?ver=otra").status_code == 404


def test_links_that_open_something_are_not_shown(as_: As) -> None:
    home = "https://ayuda.example"
    opening = ("o", "datos", "tercero", "avisos/prueba", "timbres/avisos", "guardias/ics", "agenda/citas")
    text = f"Siga en {home}/t/SECRETO~x/ o " + " ".join(f"{home}/{path}/SECRETO/" for path in opening)
    put("k", desk_id=OURS, params={"title": "t", "text": text})
    client = as_("manager")

    before = client.get("/avisos/").content.decode()
    actions.send_due(now=timezone.now())
    after = client.get("/avisos/").content.decode()

    assert "SECRETO" not in before + after
    assert "https://ayuda.example/t/…" in before
    assert "https://ayuda.example/t/…" in after


def test_an_order_is_found_where_orders_are(as_: As) -> None:
    put("o", desk_id=OURS, topic="order/7", params={"title": "t", "text": "x", "number": "TIM-12"})
    put("t", desk_id=OURS, topic="ticket/7", params={"title": "t", "text": "x", "number": "IMX-7"})

    rows = as_("manager").get("/avisos/").context["notices"]

    assert [row["ticket"]["href"] for row in rows] == ["/tickets/IMX-7/", "/timbres/TIM-12/"]


def test_the_page_costs_the_same_with_many(as_: As) -> None:
    client = as_("supervisor")
    put("first", desk_id=OURS)
    client.get("/avisos/")

    with CaptureQueriesContext(connection) as with_one:
        client.get("/avisos/")
    for number in range(60):
        put(f"k{number}", desk_id=OURS, thread="ticket/1")
    with CaptureQueriesContext(connection) as with_many:
        client.get("/avisos/")

    ours = [query["sql"] for query in with_many if "notifications_notification" in query["sql"]]
    assert len(with_many) == len(with_one)
    assert len(ours) <= 3  # the page, its counts, the bell


def test_pages_follow_each_other(as_: As) -> None:
    for number in range(60):
        put(f"k{number:02d}", desk_id=OURS)
    client, href, seen = as_("supervisor"), "/avisos/", []
    while href:
        response = client.get(href)
        seen += [row["id"] for row in response.context["notices"]]
        href = response.context["next_href"]

    assert seen == sorted(Notification.objects.values_list("pk", flat=True), reverse=True)
    assert client.get("/avisos/?ver=pending&cursor=nada")["Location"] == "/avisos/?ver=pending"


# --------------------------------------------------------------------------- own page


def test_a_token_is_shown_once_and_works(as_: As, ada: User) -> None:
    client = as_("consultant")

    client.post("/cuenta/tokens/", {"label": "Excel", "expires_on": ""})
    page = client.get("/cuenta/")
    again = client.get("/cuenta/")

    plaintext = page.context["new_token"]["plaintext"]
    assert plaintext in page.content.decode()
    assert plaintext not in again.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert ApiToken.objects.get().user == ada
    api = APIClient()
    assert api.get("/api/v1/nada/", headers={"Authorization": f"Token {plaintext}"}).status_code == 404


@pytest.mark.parametrize(
    ("label", "day"), [("", ""), ("x", "2020-01-01"), ("x", "mañana"), ("x" * 81, ""), ("x", "2999-01-01")]
)
def test_a_token_that_is_refused_keeps_what_was_typed(as_: As, label: str, day: str) -> None:
    response = as_("consultant").post("/cuenta/tokens/", {"label": label, "expires_on": day})

    assert response.status_code == 422
    assert response.context["token_form"].errors
    assert response.context["token_form"]["label"].value() == label
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_only(as_: As, ada: User) -> None:
    eva = User.objects.create_user("eva@mesa.example", name="Eva")
    mine, hers = (
        ApiToken.objects.create(user=user, digest=user.email, prefix="hd_", created_at=NOW) for user in (ada, eva)
    )
    client = as_("consultant")

    assert client.post(f"/cuenta/tokens/{mine.pk}/revocar/").status_code == 302
    assert client.post(f"/cuenta/tokens/{hers.pk}/revocar/").status_code == 404

    assert ApiToken.objects.get(pk=mine.pk).revoked_at is not None
    assert ApiToken.objects.get(pk=hers.pk).revoked_at is None


def test_preferences_are_kept(as_: As, ada: User) -> None:
    client = as_("consultant")

    response = client.post("/cuenta/preferencias/", {"name": "Ada R.", "phone": "722 555 0101", "theme": "dark"})

    ada.refresh_from_db()
    assert (ada.name, str(ada.phone), ada.theme, ada.keyboard_shortcuts) == ("Ada R.", "+527225550101", "dark", False)
    assert response.cookies["theme"].value == "dark"
    assert client.post("/cuenta/preferencias/", {"name": "", "theme": "rosa"}).status_code == 422


def test_channels_are_added_tested_and_removed(as_: As, ada: User) -> None:
    client = as_("consultant")

    assert client.post("/cuenta/canales/", {"kind": "webhook", "address": "722 555 0177"}).status_code == 302
    channel = WakeChannel.objects.get()
    assert (channel.user, channel.address) == (ada, "+527225550177")
    assert client.post("/cuenta/canales/", {"kind": "webhook", "address": "123"}).status_code == 422

    client.post(f"/cuenta/canales/{channel.pk}/probar/")
    assert Notification.objects.get().recipient == "+527225550177"
    (row,) = client.get("/cuenta/").context["channels"]
    assert (row["tone"], row["address"]) == ("warn", "722 555 0177")

    client.post(f"/cuenta/canales/{channel.pk}/quitar/")
    assert not WakeChannel.objects.exists()


def test_a_client_has_a_page_of_their_own_without_channels(as_: As) -> None:
    client = as_()

    page = client.get("/cuenta/")

    assert page.status_code == 200
    assert page.context["channel_form"] is None
    assert client.post("/cuenta/canales/", {"kind": "webhook", "address": "722 555 0177"}).status_code == 422
    assert not WakeChannel.objects.exists()


def test_somebody_elses_channel_is_not_there(as_: As) -> None:
    eva = User.objects.create_user("eva@mesa.example", name="Eva")
    channel = WakeChannel.objects.create(user=eva, kind="webhook", address="+527225550199", created_at=NOW)

    for verb in ("probar", "quitar"):
        assert as_("manager").post(f"/cuenta/canales/{channel.pk}/{verb}/").status_code == 404
