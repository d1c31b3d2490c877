"""Beat rings tasks that exist, and the settings are those that were measured to lose nothing."""

import pytest
from django.conf import settings

from helpdesk.celery import app


def test_every_entry_of_the_schedule_is_a_task() -> None:
    app.loader.import_default_modules()

    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks, name
        assert entry["options"]["expires"] >= entry["schedule"], name


def test_sweeps_ring_every_few_seconds_and_do_not_pile_up() -> None:
    sweeps = {entry["task"]: entry for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    for task in ("schedules.tasks.fire_due", "notifications.tasks.send_due"):
        assert sweeps[task]["schedule"] <= 5
        assert sweeps[task]["options"]["expires"] == 2 * sweeps[task]["schedule"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("task_ignore_result", True),
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        ("worker_hijack_root_logger", False),
    ],
)
def test_setting(name: str, value: object) -> None:
    assert getattr(app.conf, name) == value


def test_no_task_outlives_its_message() -> None:
    """A task longer than the broker waits for it would run twice."""
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
