"""The clock of the history: steps in the order of their instants, and between them the timers that fall due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from core.errors import DomainError
from schedules import actions as schedule_actions
from schedules.models import Timer

Step = Callable[[datetime], object]
LOOK_BACK: Final = timedelta(days=7)  # longer than any two steps lie apart


@dataclass
class Player:
    """The heap of steps to come, and the one who plays them. What lies after `now` is not played."""

    now: datetime
    steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: Any = field(default_factory=count)

    def at(self, instant: datetime, step: Step) -> None:
        if instant <= self.now:
            heapq.heappush(self.steps, (instant, next(self.order), step))

    def play(self) -> None:
        """Play everything up to `now`; what is due on the way fires at its own instant."""
        while self.steps:
            instant, _order, step = heapq.heappop(self.steps)
            self._fire_until(instant)
            try:
                step(instant)
            except DomainError:
                continue  # a timer was faster than the script: the superior took it, or it was closed
        self._fire_until(self.now)

    def _fire_until(self, instant: datetime) -> None:
        # All is one transaction, so what is done still lies in the index: begin where something may be left.
        recent = Timer.objects.pending().filter(next_attempt_at__gte=instant - LOOK_BACK)
        pending = recent.order_by("next_attempt_at").values_list("next_attempt_at", flat=True)
        while (first := pending.first()) is not None and first <= instant:
            schedule_actions.fire_due(now=first)
