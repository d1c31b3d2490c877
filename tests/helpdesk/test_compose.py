"""The files of an installation in containers say what exists: commands, modules, services, folders, settings."""

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "helpdesk"}


def image_command() -> list[str]:
    found = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    command: list[str] = yaml.safe_load(found[1])
    return command


def test_the_roles_are_all_there() -> None:
    assert {"proxy", "web", "live", "worker", "beat", "migrate", "postgres", "valkey"} == set(SERVICES)


@pytest.mark.parametrize("name", sorted(OURS))
def test_command_exists(name: str) -> None:
    command: list[str] = OURS[name].get("command") or image_command()
    program, *arguments = command

    if program == "python":
        assert arguments[0] == "manage.py"
        assert (ROOT / arguments[0]).exists()
        assert arguments[1] in get_commands()
        return
    assert (Path(sys.executable).parent / program).exists(), program
    if program == "celery":
        app = import_module(f"{arguments[1]}.celery").app
        assert app.main == "helpdesk"
        probe = [sys.executable, "-m", "celery", *arguments, "--help"]
        assert subprocess.run(probe, cwd=ROOT, capture_output=True, check=False).returncode == 0
    else:
        module, _, attribute = arguments[0].partition(":")
        assert callable(getattr(import_module(module), attribute))
        probe = [str(Path(sys.executable).parent / program), *arguments, "--help"]
        assert subprocess.run(probe, cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_every_named_volume_and_dependency_exists() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on") or ()) <= set(SERVICES), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            known = (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
            assert known, f"{name}: {source}"


def test_environment_names_are_read_by_the_settings() -> None:
    settings = "".join(path.read_text() for path in (ROOT / "helpdesk" / "settings").glob("*.py"))
    for name, service in OURS.items():
        for variable in service["environment"]:
            assert f'"{variable}"' in settings, f"{name}: nobody reads {variable}"


def test_secrets_have_no_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for secret in ("POSTGRES_PASSWORD", "SECRET_KEY", "LINK_KEYS", "VAULT_KEYS"):
        uses = re.findall(r"\$\{" + secret + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), secret


def test_proxy_sends_streams_and_pages_where_they_are_served() -> None:
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()

    targets = dict(re.findall(r"reverse_proxy (\w+):(\d+)", caddy))

    assert targets == {"live": "8001", "web": "8000"}
    assert "8001" in OURS["live"]["command"]
    assert any("0.0.0.0:8000" in word for word in image_command())


def test_dockerfile_copies_and_runs_what_exists() -> None:
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in shlex.split(sources):
            assert (ROOT / source).exists(), source
    assert "python -m helpdesk.messages build" in DOCKERFILE
    assert "collectstatic" in get_commands()
    users = re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["helpdesk"]


def test_static_files_can_be_collected_with_names_by_content(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "helpdesk.settings.build", "STATIC_ROOT": str(tmp_path)}
    argv = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]

    result = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "staticfiles.json").exists()
    assert list((tmp_path / "css").glob("helpdesk.*.css"))
