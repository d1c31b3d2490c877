"""Production refuses to start with unsafe settings, and says which."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
VAULT_KEY = base64.urlsafe_b64encode(bytes(range(100, 132))).decode()
SAFE = {
    "DJANGO_SETTINGS_MODULE": "helpdesk.settings.production",
    "SECRET_KEY": "w8Zk3nQ0vB5rT1yU6iO9pA2sD4fG7hJ0kL3zX5cV8bN",
    "ALLOWED_HOSTS": "ayuda.example",
    "SITE_URL": "https://ayuda.example",
    "LINK_KEYS": "mQ2wE4rT6yU8iO0pA1sD3fG5hJ7kL9zX",
    "VAULT_KEYS": VAULT_KEY,
    "DATABASE_URL": "postgresql://helpdesk:x@db.example/helpdesk",
    "REDIS_URL": "redis://broker.example/0",
    "EMAIL_URL": "smtp+tls://user:x@mail.example:587",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process of their own, as a server would."""
    env = {"PATH": os.environ["PATH"], **SAFE, **changes}
    code = "import django; django.setup(); print('started')"
    argv = [sys.executable, "-c", code]
    return subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_safe_settings_start() -> None:
    result = start()

    assert result.stdout.strip() == "started", result.stderr


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"SECRET_KEY": ""}, "SECRET_KEY", id="no secret key"),
        pytest.param(
            {"SECRET_KEY": "dev-only-key-that-production-refuses-always-and-ever"}, "SECRET_KEY", id="example"
        ),
        pytest.param({"SECRET_KEY": "abcabcabc" * 6}, "SECRET_KEY", id="few characters"),
        pytest.param({"DEBUG": "1"}, "DEBUG is on", id="debug"),
        pytest.param({"DEMO": "1"}, "DEMO is on", id="demo"),
        pytest.param({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS", id="no hosts"),
        pytest.param({"ALLOWED_HOSTS": "ayuda.example,*"}, "ALLOWED_HOSTS", id="any host"),
        pytest.param({"SITE_URL": "http://ayuda.example"}, "SITE_URL", id="links without TLS"),
        pytest.param({"SESSION_COOKIE_SECURE": "0"}, "SESSION_COOKIE_SECURE", id="session cookie in the clear"),
        pytest.param({"CSRF_COOKIE_SECURE": "0"}, "CSRF_COOKIE_SECURE", id="CSRF cookie in the clear"),
        pytest.param({"LINK_KEYS": ""}, "LINK_KEYS", id="no link key"),
        pytest.param({"LINK_KEYS": f"{SAFE['LINK_KEYS']},short"}, "LINK_KEYS", id="one link key short"),
        pytest.param({"VAULT_KEYS": ""}, "VAULT_KEYS", id="no vault key"),
        pytest.param({"VAULT_KEYS": "not-base64!"}, "VAULT_KEYS", id="no key at all"),
        pytest.param(
            {"VAULT_KEYS": "ZGV2LW9ubHktdmF1bHQta2V5LXJlZnVzZWQtaW4tcCE="}, "VAULT_KEYS", id="dev's vault key"
        ),
        pytest.param({"DATABASE_URL": ""}, "DATABASE_URL", id="no database"),
        pytest.param({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL", id="not PostgreSQL"),
        pytest.param({"EMAIL_URL": ""}, "EMAIL_URL", id="no mail"),
        pytest.param({"EMAIL_URL": "consolemail://"}, "EMAIL_URL", id="mail to the console"),
        pytest.param({"WAKE_WEBHOOK_URL": "http://voice.example"}, "WAKE_WEBHOOK_URL", id="wake in the clear"),
        pytest.param({"WAKE_WEBHOOK_URL": "https://voice.example"}, "WAKE_WEBHOOK_SECRET", id="wake unsigned"),
    ],
)
def test_unsafe_settings_are_refused(changes: dict[str, str], complaint: str) -> None:
    result = start(**changes)

    assert result.returncode != 0
    assert "refusing to start" in result.stderr
    assert f"- {complaint}" in result.stderr
    assert "started" not in result.stdout


def test_every_fault_is_named_at_once() -> None:
    result = start(SECRET_KEY="", ALLOWED_HOSTS="", EMAIL_URL="")

    assert all(f"- {name}" in result.stderr for name in ("SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"))
