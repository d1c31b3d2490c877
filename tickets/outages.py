"""Which reports are of an outage: the rule, without rows."""

from __future__ import annotations

from collections.abc import Collection


def concerns(products: Collection[str], *, product: str | None, affects_operation: bool) -> bool:
    """Whether a report can be of an outage of these products (none: of all).

    Only what affects the client's operation is; a report that does not name its product may be. The client still has
    to say *sí, es esto*: nobody's case is put into a heap unasked.
    """
    return affects_operation and (not products or not product or product in products)
