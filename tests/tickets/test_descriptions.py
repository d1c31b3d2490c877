"""The rule of descriptions, measured on texts as clients write them; `pytest -s` prints the measure.

"Held" is what is sought: recall says how many of the vague texts are sent back, precision how many of
those that are sent back are vague. `descriptions.txt` was at hand when the rule was made;
`descriptions_fresh.txt` was written after the first draft of the rule; one setting was chosen on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tickets import description

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Measure:
    """What the rule makes of labelled texts."""

    n: int
    precision: float
    recall: float
    wrong: tuple[str, ...]


def rows(name: str) -> list[tuple[bool, str]]:
    """(can be worked with, text), in order."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [(line[0] == "+", line[2:].strip()) for line in lines if line[:2] in ("+ ", "- ")]


def measured(name: str) -> Measure:
    labelled = rows(name)
    held = [(good, text) for good, text in labelled if not description.is_clear(text)]
    vague = [text for good, text in labelled if not good]
    caught = [text for good, text in held if not good]
    wrong = [f"held: {text}" for good, text in held if good]
    wrong += [f"passed: {text}" for text in vague if text not in caught]
    return Measure(len(labelled), len(caught) / len(held), len(caught) / len(vague), tuple(wrong))


@pytest.mark.parametrize(
    ("name", "at_least", "precision", "recall"),
    [
        pytest.param("descriptions.txt", 200, 0.97, 0.97, id="known"),
        pytest.param("descriptions_fresh.txt", 40, 0.90, 0.90, id="written afterwards"),
    ],
)
def test_the_rule_tells_vague_from_clear(
    name: str, at_least: int, precision: float, recall: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measured(name)

    with capsys.disabled():
        print(f"\n{name}: {found.n} texts, precision {found.precision:.3f}, recall {found.recall:.3f}")  # noqa: T201
        for line in found.wrong:
            print(f"  {line}")  # noqa: T201
    assert found.n >= at_least
    assert found.precision >= precision
    assert found.recall >= recall


def test_no_text_stands_twice() -> None:
    texts = [text for name in ("descriptions.txt", "descriptions_fresh.txt") for _good, text in rows(name)]

    assert len({text.casefold() for text in texts}) > 0.97 * len(texts)
