"""File names from outside, made safe to show, to store and to send back. Pure."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 150
FALLBACK = "archivo"
SECRET_SUFFIXES = (".key", ".pfx", ".p12")

_RESERVED = re.compile(r"^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def safe(name: str | None) -> str:
    """Return the last path part of `name` without control, bidi or reserved characters, in NFC.

    Never empty, never hidden (no leading dot), at most MAX_LENGTH characters, the suffix kept.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in _INVISIBLE)
    composed = unicodedata.normalize("NFC", visible)
    tidy = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", composed)).strip(" .")
    if not tidy.strip("_ "):
        return FALLBACK
    return _shorten(f"_{tidy}" if _RESERVED.match(tidy) else tidy)


def is_secret_like(name: str) -> bool:
    """Tell whether a name announces a private key or a certificate store (`.key .pfx .p12`).

    A compressed or renamed copy (`csd.key.zip`, `csd.key.txt`) counts as well.
    """
    parts = name.casefold().split(".")[1:]
    return any(f".{part.strip()}" in SECRET_SUFFIXES for part in parts)


# Controls, format characters (bidi overrides, zero width), surrogates, private use, line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _shorten(name: str) -> str:
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 20:
        return name[:MAX_LENGTH].rstrip(" .")
    return stem[: MAX_LENGTH - len(suffix) - 1].rstrip(" .") + "." + suffix
