"""How many stamps to propose to somebody whose account runs out. Pure."""

from __future__ import annotations

import math
from typing import Final

MONTHS: Final = 2
DAYS: Final = 30 * MONTHS
LEAST: Final = 100
# Up to so many stamps a proposal is rounded up to a multiple of the step beside it.
STEPS: Final = ((1_000, 100), (5_000, 500), (50_000, 1_000), (1_000_000, 10_000))


def suggested(daily_rate: float) -> int:
    """Return what two months use, rounded up to a number that people order; 100 at least, a million at most."""
    wanted = max(LEAST, math.ceil(daily_rate * DAYS - 1e-6))
    step = next((step for most, step in STEPS if wanted <= most), STEPS[-1][1])
    return min(math.ceil(wanted / step) * step, STEPS[-1][0])
