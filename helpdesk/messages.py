"""The Spanish of the screens: parts written per area, built into one catalogue, checked to be complete.

    python -m helpdesk.messages build      locale/es_MX/parts/*.po -> LC_MESSAGES/django.{po,mo}
    python -m helpdesk.messages check      every msgid of code and templates has its Spanish, with the same placeholders

The parts are the source; what is built is not committed. Babel does the work, no gettext is needed.
"""

import argparse
import functools
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale" / "es_MX"
PARTS, BUILT = LOCALE / "parts", LOCALE / "LC_MESSAGES"
APPS = (
    *("core", "accounts", "files", "notifications", "schedules", "desks", "clients"),
    *("knowledge", "tickets", "stamps", "chat", "mail", "reports", "portal", "helpdesk"),
)
# Only these are installed: what another of Django's apps translates stays English on our screens.
CONTRIB = ("admin", "auth", "contenttypes", "humanize", "messages", "postgres", "sessions", "staticfiles")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sd]|\{\w*\}")

Key = tuple[str, str]  # (context or "", msgid)


class MessagesError(Exception):
    """The catalogue cannot be built; one line a fault."""


@dataclass
class Catalogue:
    """Translations by key, and where each was read."""

    texts: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    plurals: dict[Key, str] = field(default_factory=dict)
    places: dict[Key, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, key: Key, plural: str, texts: tuple[str, ...], place: str) -> None:
        """Add one; the same twice is one, two different ones are a fault."""
        if key in self.texts and (self.texts[key], self.plurals.get(key, "")) != (texts, plural):
            self.faults.append(f"{place}: {key[1]!r} is translated differently in {self.places[key]}")
            return
        self.texts[key], self.places[key] = texts, place
        if plural:
            self.plurals[key] = plural


def read_parts(folder: Path = PARTS) -> Catalogue:
    """Read every part; `faults` says what cannot be merged."""
    from babel.messages.pofile import PoFileError, read_po

    found = Catalogue()
    for path in sorted(folder.glob("*.po")):
        try:
            with path.open("rb") as source:
                part = read_po(source, locale="es_MX", abort_invalid=True, charset="utf-8")
        except (PoFileError, UnicodeDecodeError) as error:
            found.faults.append(f"{path.name}: {error}")
            continue
        for message in part:
            if not message.id:
                continue
            ids = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
            texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            place = f"{path.name}:{message.lineno or 0}"
            found.add((message.context or "", ids[0]), ids[1], tuple(text or "" for text in texts), place)
    return found


# ---------------------------------------------------------------- building


def build(folder: Path = PARTS, built: Path = BUILT, *, force: bool = False) -> bool:
    """Write django.po and django.mo if a part is newer; tell whether anything was written. Raises MessagesError."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    parts, target = sorted(folder.glob("*.po")), built / "django.mo"
    fresh = target.exists() and all(part.stat().st_mtime <= target.stat().st_mtime for part in (*parts, folder))
    if not parts or (fresh and not force):
        return False
    read = read_parts(folder)
    if read.faults:
        raise MessagesError("\n".join(read.faults))
    catalog = Catalog(locale="es_MX", project="helpdesk", charset="utf-8", fuzzy=False)
    for (context, msgid), texts in sorted(read.texts.items()):
        plural = read.plurals.get((context, msgid))
        catalog.add((msgid, plural) if plural else msgid, texts if plural else texts[0], context=context or None)
    built.mkdir(parents=True, exist_ok=True)
    for suffix, write in ((".po", write_po), (".mo", write_mo)):
        content = io.BytesIO()
        write(content, catalog)
        partial = built / f"django{suffix}.partial"
        partial.write_bytes(content.getvalue())
        partial.replace(built / f"django{suffix}")
    return True


# ---------------------------------------------------------------- checking


@dataclass(frozen=True)
class Use:
    """A msgid where code or a template says it."""

    key: Key
    plural: str
    place: str


def used(root: Path = ROOT) -> Iterator[Use]:
    """Yield every msgid in the apps' Python and in the templates."""
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _extract(path, path.read_text())
    for folder in (root / "templates", *(root / app / "templates" for app in APPS)):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in {".html", ".txt"}):
            yield from _extract(path, _templatized(path))


def _templatized(path: Path) -> str:
    """Return the template as pseudo Python that Babel can read."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    # A template's indentation is not Python's: without it the tokenizer has nothing to refuse.
    return "\n".join(line.lstrip() for line in str(templatize(path.read_text())).split("\n"))


def _extract(path: Path, source: str) -> Iterator[Use]:
    from babel.messages.extract import extract

    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    stream = io.BytesIO(source.encode())
    for line, found, _, context in extract("python", stream, keywords=KEYWORDS, options={"encoding": "utf-8"}):
        ids = found if isinstance(found, (tuple, list)) else (found, "")
        if ids[0]:
            yield Use((context or "", ids[0]), ids[1] if len(ids) > 1 else "", f"{place}:{line}")


def faults(root: Path = ROOT, parts: Path = PARTS) -> list[str]:
    """Return what is wrong, one line each: no Spanish, other placeholders, a plural missing, a text nobody uses."""
    read = read_parts(parts)
    found = list(read.faults)
    seen: set[Key] = set()
    for use in used(root):
        if use.key in seen:
            continue
        seen.add(use.key)
        texts = read.texts.get(use.key)
        if texts is None:
            if use.key[1] not in django_texts():
                found.append(f"{use.place}: no Spanish for {use.key[1]!r}")
        else:
            found.extend(_wrong(use, texts))
    return found


def _wrong(use: Use, texts: tuple[str, ...]) -> Iterator[str]:
    if not all(texts):
        yield f"{use.place}: empty Spanish for {use.key[1]!r}"
    if use.plural and len(texts) < 2:
        yield f"{use.place}: one form only for the plural {use.key[1]!r}"
    allowed = {*PLACEHOLDER.findall(use.key[1]), *PLACEHOLDER.findall(use.plural)}
    for text in texts:
        if extra := set(PLACEHOLDER.findall(text)) - allowed:
            yield f"{use.place}: {text!r} holds {', '.join(sorted(extra))}, which {use.key[1]!r} does not"


@functools.cache
def django_texts() -> frozenset[str]:
    """Return what the Spanish of Django and of its apps that are installed has (`Yes`, `Search`, errors of forms)."""
    import django
    from babel.messages.mofile import read_mo

    home = Path(django.__file__).parent
    known: set[str] = set()
    for folder in (home / "conf" / "locale", *(home / "contrib" / app / "locale" for app in CONTRIB)):
        for path in (folder / locale / "LC_MESSAGES" / "django.mo" for locale in ("es_MX", "es")):
            if path.exists():
                with path.open("rb") as source:
                    known.update(str(message.id) for message in read_mo(source) if isinstance(message.id, str))
    return frozenset(known)


def main(argv: Sequence[str] | None = None) -> int:
    """Build or check the catalogue of es-MX."""
    parser = argparse.ArgumentParser(prog="python -m helpdesk.messages", description=main.__doc__)
    parser.add_argument("what", choices=["build", "check"])
    given = parser.parse_args(argv)
    try:
        lines = faults() if given.what == "check" else []
        if given.what == "build":
            build(force=True)
    except MessagesError as error:
        lines = str(error).splitlines()
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
