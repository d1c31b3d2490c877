"""The style sheet is the sum of its parts, the tokens of the design are there, scripts stand alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.management.commands import build_css

ROOT = Path(__file__).resolve().parent.parent.parent
CSS = ROOT / "static" / "css"
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
LAYERS = ["reset", "tokens", "base", "layout", "components", "utilities"]


def test_the_sheet_is_what_its_files_say() -> None:
    """After editing a file: `manage.py build_css`."""
    assert (CSS / "helpdesk.css").read_text("utf-8") == build_css.bundle(CSS)


def test_every_file_is_listed_once() -> None:
    listed = build_css.IMPORT.findall((CSS / "index.css").read_text("utf-8"))

    assert sorted(listed) == sorted(p.name for p in CSS.glob("*.css") if p.name not in ("index.css", "helpdesk.css"))


def test_layers_come_in_their_order() -> None:
    layers = re.findall(r"^@layer (\w+) {", (CSS / "helpdesk.css").read_text("utf-8"), re.MULTILINE)

    assert list(dict.fromkeys(layers)) == LAYERS
    assert layers == sorted(layers, key=LAYERS.index)


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.stem)
def test_braces_close(path: Path) -> None:
    text = path.read_text("utf-8")

    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("tint", ["patina", "cempa", "grana", "nopal", "anil"])
def test_each_tint_has_its_ink_its_ground_and_its_line(tint: str) -> None:
    tokens = (CSS / "tokens.css").read_text("utf-8")

    for part in ("", "-ink", "-soft", "-line"):
        assert f"--{tint}{part}: light-dark(" in tokens


def test_used_custom_properties_are_declared() -> None:
    text = (CSS / "helpdesk.css").read_text("utf-8")
    declared = set(re.findall(r"(--[\w-]+)\s*:", text))
    used = set(re.findall(r"var\((--[\w-]+)\)", text))

    # Hours and shares of the on-call week and the simulator are set by their pages.
    assert used - declared <= {"--a", "--b", "--h"}


def test_shares_come_in_fives() -> None:
    shares = [int(n) for n in re.findall(r'\[data-u="(\d+)"\]', (CSS / "utilities.css").read_text("utf-8"))]

    assert shares == list(range(0, 101, 5))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_import_nothing_and_evaluate_nothing(path: Path) -> None:
    """Hashed names do not reach inside a script, so no module imports another; the policy forbids eval."""
    text = path.read_text("utf-8")

    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert "eval(" not in text
    assert not re.search(r"innerHTML\s*=[^=]", text)
