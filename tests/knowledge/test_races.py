"""Two people at one article at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from core.errors import Conflict
from desks.models import Desk
from knowledge import actions
from knowledge.actions import Content
from knowledge.models import Article, ArticleVersion
from tests.tickets.cast import Imx
from tests.tickets.conftest import imx_committed, office_hour

__all__ = ["imx_committed", "office_hour"]

pytestmark = pytest.mark.django_db(transaction=True)
PUBLIC = Content("Título", "CFDI40147", audience="public")


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """What each step gives, or the conflict that it met."""
    given: list[Any] = []
    ready = threading.Barrier(len(steps))

    def run(step: Callable[[], Any]) -> None:
        try:
            ready.wait()
            given.append(step())
        except Conflict as refusal:
            given.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_two_who_publish_are_one(imx_committed: Imx, office_hour: datetime) -> None:
    imx, now = imx_committed, office_hour
    article = actions.create(imx.desk, PUBLIC, by=imx.actor("karla"), now=now)

    def publish(who: str) -> Article:
        return actions.publish(article, by=imx.actor(who), now=now, number=1)

    given = at_once(lambda: publish("elena"), lambda: publish("marcela"))

    assert [one.published.number for one in given] == [1, 1]
    assert ArticleVersion.objects.get().published_at == now


def test_who_publishes_what_is_being_changed_publishes_what_they_read_or_nothing(
    imx_committed: Imx, office_hour: datetime
) -> None:
    imx, now = imx_committed, office_hour
    article = actions.create(imx.desk, PUBLIC, by=imx.actor("karla"), now=now)
    other = Content("Título", "Otro", audience="internal")

    at_once(
        lambda: actions.publish(article, by=imx.actor("elena"), now=now, number=1),
        lambda: actions.edit(article, other, by=imx.actor("karla"), now=now, base=1),
    )

    article = Article.objects.get()
    assert article.n_versions == 2
    assert article.published is None or article.published.number == 1


def test_the_desk_knows_of_the_last_article_whoever_is_faster(imx_committed: Imx, office_hour: datetime) -> None:
    imx, now, elena = imx_committed, office_hour, imx_committed.actor("elena")
    one, two = (actions.create(imx.desk, PUBLIC, by=elena, now=now) for _ in range(2))
    actions.publish(one, by=elena, now=now, number=1)

    at_once(
        lambda: actions.withdraw(one, by=elena, now=now),
        lambda: actions.publish(two, by=elena, now=now, number=1),
    )

    assert Desk.objects.get(pk=imx.desk.pk).has_help


def test_two_readers_are_two_and_one_twice_is_one(imx_committed: Imx, office_hour: datetime) -> None:
    imx, now = imx_committed, office_hour
    article = actions.create(imx.desk, PUBLIC, by=imx.actor("karla"), now=now)
    day = now.date()

    at_once(
        *[
            lambda voter=voter: actions.solve(article, imx.desk, voter=voter, now=now, day=day)
            for voter in ("a", "b", "a")
        ]
    )

    article.refresh_from_db()
    assert (article.n_helped, article.n_solved) == (2, 2)
