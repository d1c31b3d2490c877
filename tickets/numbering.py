"""How a ticket's number reads: the desk's prefix and its counter, short enough to say on the phone."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"^([A-Z]{2,8})[\s-]?0*(\d{1,12})$")


def render(*, prefix: str, counter: int) -> str:
    """`IMX-4821`."""
    return f"{prefix}-{counter}"


def parse(text: str) -> str | None:
    """The number that a person may have meant by `imx 4821` or `IMX4821`; None when it is none."""
    found = _NUMBER.match(text.strip().upper())
    return f"{found[1]}-{int(found[2])}" if found else None
