"""A desk with its people, and articles written by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desks.models import Desk
from knowledge import actions
from knowledge.actions import Content
from knowledge.models import Article
from tests import factories
from tests.factories import OFFICE
from tests.tickets.conftest import at, caller, cast, stranger

__all__ = ["at", "caller", "cast", "stranger"]

Write = Callable[..., Article]
BODY = """## Causa

El SAT rechaza el domicilio fiscal del receptor: CFDI40147.

## Solución

1. Pida la constancia.
2. Timbre otra vez."""


def write(cast: factories.Cast, *, publish: bool = True, desk: Desk | None = None, **fields: Any) -> Article:
    """An article of Ada's, published by Elena unless told otherwise."""
    content = Content(**{"title": "El domicilio fiscal no coincide", "body": BODY, "audience": "public", **fields})
    article = actions.create(desk or cast.desk, content, by=factories.actor(cast.ada), now=OFFICE)
    if publish:
        article = actions.publish(article, by=factories.actor(cast.elena), now=OFFICE, number=article.n_versions)
    return article


@pytest.fixture
def article(cast: factories.Cast) -> Article:
    return write(cast)
