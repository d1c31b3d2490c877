"""The gate itself: journeys that did not run are noticed, and its scripts name what exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def junit(path: Path, *cases: str) -> Path:
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return path


def case(inside: str = "", *, journey: bool = True) -> str:
    mark = '<properties><property name="journey" value="yes"/></properties>' if journey else ""
    return f'<testcase name="t">{mark}{inside}</testcase>'


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        pytest.param([case()] * 6, 0, id="all ran"),
        pytest.param([case()] * 5, 1, id="one is missing"),
        pytest.param([case()] * 5 + [case("<skipped/>")], 1, id="one was skipped"),
        pytest.param([case()] * 5 + [case("<failure/>")], 1, id="one failed"),
        pytest.param([case(journey=False)] * 50, 1, id="other tests are no journeys"),
    ],
)
def test_journeys_are_counted(tmp_path: Path, cases: list[str], code: int) -> None:
    report = junit(tmp_path / "junit.xml", *cases)

    argv = [sys.executable, str(ROOT / "scripts" / "journeys_ran.py"), str(report)]
    assert subprocess.run(argv, capture_output=True).returncode == code


def test_pytest_writes_the_mark_that_is_counted(tmp_path: Path) -> None:
    suite = tmp_path / "test_it.py"
    suite.write_text("import pytest\n@pytest.mark.journey\ndef test_story():\n    pass\ndef test_other():\n    pass\n")
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_collection_modifyitems\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    journey: a story\n    drill: -\n    quick: -\n")
    report = tmp_path / "junit.xml"

    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-n", "2", f"--junitxml={report}", str(suite)]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "helpdesk.settings.test"}
    ran = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert report.read_text().count('name="journey"') == 1


@pytest.mark.parametrize("script", [".ci/run", "scripts/check.sh", "scripts/lock.sh", "scripts/chromium.sh"])
def test_script_is_right_and_names_files_that_exist(script: str) -> None:
    shell = "bash" if script == ".ci/run" else "sh"

    assert subprocess.run([shell, "-n", script], cwd=ROOT).returncode == 0
    for name in re.findall(
        r"(?<![\w/.-])((?:scripts|tests|helpdesk)/[\w/.-]+\.(?:py|sh))", (ROOT / script).read_text()
    ):
        assert (ROOT / name).exists(), name


def test_every_target_of_make_is_listed_and_its_modules_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()

    for target in ("demo", "test", "check", "fmt", "drills", "bench", "messages", "lock"):
        assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE), target
    for name in re.findall(r"(scripts/[\w.-]+)", makefile):
        assert (ROOT / name).exists(), name
    for module in ("helpdesk.demo", "helpdesk.messages"):
        assert f"-m {module}" in makefile


def test_locks_hold_hashes_for_every_package_and_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        pins = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,-]+\])?==", text, re.MULTILINE | re.IGNORECASE)
        hashed = re.findall(r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", text, re.MULTILINE | re.IGNORECASE)
        assert pins, lock.name
        assert len(pins) == len(hashed), lock.name
        assert "://" not in text, lock.name
