"""The history that people send along with an answer, told from what they wrote. Pure.

Nothing is cut: `split` gives the whole text in parts, and screens fold those that are quoted. When in doubt a part
stays as written: answers between the lines of a quotation, forwards, a text that would vanish whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MARK: Final = re.compile(r"^\s{0,3}>")
# `El lun, 3 mar 2025 a las 10:00, Rosa (<rosa@x.example>) escribió:` and its English sister, over up to three lines.
_WROTE: Final = re.compile(
    r"^\s{0,3}(?:El|On|Le)\b(?=.*\d)[^\n]{3,400}\b(?:escribi[oó]|wrote|a [eé]crit)\s*:?\s*$", re.I
)
_BEGINS: Final = re.compile(r"^\s{0,3}(?:El|On)\s+(?:\w+\.?,?\s+)?(?:\d|\w{3,10}\.?\s+\d)", re.I)
_ORIGINAL: Final = re.compile(
    r"^\s{0,3}[-_*]{2,}\s*(?:mensaje original|original message|texto original)\s*[-_*]{2,}\s*$", re.I
)
_FORWARD: Final = re.compile(r"(?:forwarded message|mensaje reenviado|inicio del mensaje)", re.I)
_HEADER: Final = re.compile(
    r"^\s{0,3}\*?(De|From|Enviado(?: el)?|Sent|Fecha|Date|Para|To|CC?|Asunto|Subject|Responder a)\s*:\*?\s*\S", re.I
)
_FIRST: Final = re.compile(r"^\s{0,3}\*?(?:De|From)\s*:", re.I)
_RULE: Final = re.compile(r"^\s*_{5,}\s*$")
_WRAPPED: Final = 3
_HEADERS: Final = 3
# A lone quoted line is the line that somebody answers.
_LEAST: Final = 2
# Without any of these a text holds no history: most texts are told by this alone.
_SIGNS: Final = (">", "escribi", "wrote", "crit", "original", "de:", "from:")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text, its line breaks included."""

    text: str
    quoted: bool = False


def split(body: str) -> tuple[Part, ...]:
    """The text in parts that together are the text; one part that is not quoted where there is no history."""
    whole = (Part(body),)
    plain = body.casefold()
    if not any(sign in plain for sign in _SIGNS):
        return whole
    lines = body.splitlines(keepends=True)
    found = _quoted(lines)
    written = "".join(line for number, line in enumerate(lines) if not any(a <= number < b for a, b in found))
    if not found or not written.strip():
        return whole
    parts, at = [], 0
    for start, end in found:
        if at < start:
            parts.append(Part("".join(lines[at:start])))
        parts.append(Part("".join(lines[start:end]), quoted=True))
        at = end
    if at < len(lines):
        parts.append(Part("".join(lines[at:])))
    return tuple(parts)


def _quoted(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The stretches of lines, half-open and in order, that are history."""
    tail = _tail(lines)
    runs = _runs(lines[:tail])
    if len(runs) > 1:  # answered between the lines: those stay, save a whole message below them
        runs = [run for run in runs[-1:] if run.attributed and _blank(lines[run.end : tail])]
    found = [(run.start, run.end) for run in runs if run.attributed or run.end - run.start >= _LEAST]
    if tail < len(lines):
        if found and _blank(lines[found[-1][1] : tail]):
            return [*found[:-1], (found[-1][0], len(lines))]
        return [*found, (tail, len(lines))]
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """Lines that begin with `>`, with the line that says whose they are, and blank lines between them."""

    start: int
    end: int
    attributed: bool


def _runs(lines: Sequence[str]) -> list[_Run]:
    found: list[_Run] = []
    following = _following(lines)
    number = 0
    while number < len(lines):
        if not _MARK.match(lines[number]):
            number += 1
            continue
        end = number + 1
        while (after := following[end]) < len(lines) and _MARK.match(lines[after]):  # blank lines between are its own
            end = after + 1
        start = _attribution(lines, number)
        found.append(_Run(number if start is None else start, end, start is not None))
        number = end
    return found


def _following(lines: Sequence[str]) -> list[int]:
    """For each place in the lines, and the one behind them, the first line from there on that is not blank."""
    found = [len(lines)] * (len(lines) + 1)
    for number in range(len(lines) - 1, -1, -1):
        found[number] = found[number + 1] if _blank([lines[number]]) else number
    return found


def _attribution(lines: Sequence[str], before: int) -> int | None:
    """Where the line `El … escribió:` begins that ends right above; None where there is none."""
    last = before - 1
    while last >= 0 and _blank([lines[last]]):
        last -= 1
    for first in range(last, max(-1, last - _WRAPPED), -1):
        if _WROTE.match(_joined(lines[first : last + 1])) and _BEGINS.match(lines[first]):
            return first
    return None


def _tail(lines: Sequence[str]) -> int:
    """Where a history without `>` begins that goes on to the end: the number of lines where there is none."""
    for number, line in enumerate(lines):
        if _FORWARD.search(line):
            return len(lines)
        if _ORIGINAL.match(line) or _is_head(lines, number):
            return number
        if _RULE.match(line) and _is_head(lines, _next(lines, number)):
            return number
        end = _wrote_from(lines, number)
        if end and _next(lines, end - 1) < len(lines) and not _MARK.match(lines[_next(lines, end - 1)]):
            return number
    return len(lines)


def _wrote_from(lines: Sequence[str], number: int) -> int:
    """The line after an attribution that begins here; 0 where none does."""
    if not _BEGINS.match(lines[number]):
        return 0
    for end in range(number + 1, min(len(lines), number + _WRAPPED) + 1):
        if _WROTE.match(_joined(lines[number:end])):
            return end
    return 0


def _is_head(lines: Sequence[str], number: int) -> bool:
    """Whether a mail's headers begin here: at least three, one below the other, the sender first."""
    if number >= len(lines) or not _FIRST.match(lines[number]):
        return False
    names = []
    for line in lines[number : number + 8]:
        match = _HEADER.match(line)
        if match is None:
            break
        names.append(match[1].casefold().split()[0])
    return len(set(names)) >= _HEADERS


def _next(lines: Sequence[str], number: int) -> int:
    """The next line that is not blank."""
    after = number + 1
    while after < len(lines) and _blank([lines[after]]):
        after += 1
    return after


def _blank(lines: Sequence[str]) -> bool:
    return not any(line.strip() for line in lines)


def _joined(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())
