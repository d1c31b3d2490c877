"""What can be done: fire timers (`firing`), change who is on call (`rotas`)."""

from schedules.actions.firing import (
    BATCH,
    FIRE_DUE,
    PAUSES,
    drain,
    fire_due,
    fire_next,
    purge_timers,
    retry_parked,
)
from schedules.actions.rotas import change_shift, save_rota, settle, take_over

__all__ = [
    "BATCH",
    "FIRE_DUE",
    "PAUSES",
    "change_shift",
    "drain",
    "fire_due",
    "fire_next",
    "purge_timers",
    "retry_parked",
    "save_rota",
    "settle",
    "take_over",
]
