"""The mandatory rest days of Mexico: Ley Federal del Trabajo, article 74.

The rules come from the `holidays` package; `tests/schedules/test_holidays_mx.py` holds them against a table of our own
for every year from 2006 to 2040. Election days are not here: a desk enters them as closures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import holidays

FIRST_YEAR: Final = 1970  # the law in force
LAST_YEAR: Final = 2100


@lru_cache(maxsize=256)
def of_year(year: int) -> Mapping[date, str]:
    """Return date -> Spanish name, in order; the same whatever the locale of the process. Empty outside 1970-2100."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return MappingProxyType({})
    days = holidays.country_holidays("MX", years=year, language="es", observed=False, expand=False)
    return MappingProxyType(dict(sorted(days.items())))
