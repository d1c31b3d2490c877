"""The catalogue: parts merge without contradiction, and every text has its Spanish."""

from pathlib import Path

import pytest

from helpdesk import messages


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "locale" / "es_MX" / "parts"
    folder.mkdir(parents=True)
    return folder


def write(parts: Path, name: str, *pairs: tuple[str, str]) -> None:
    text = "\n\n".join(f'msgid "{msgid}"\nmsgstr "{spanish}"' for msgid, spanish in pairs)
    (parts / name).write_text(text + "\n")


def test_the_same_pair_in_two_parts_is_one(parts: Path) -> None:
    write(parts, "a.po", ("Queue", "Cola"))
    write(parts, "b.po", ("Queue", "Cola"), ("Name", "Nombre"))

    read = messages.read_parts(parts)

    assert read.faults == []
    assert read.texts == {("", "Queue"): ("Cola",), ("", "Name"): ("Nombre",)}


def test_two_translations_of_one_text_are_a_fault(parts: Path) -> None:
    write(parts, "a.po", ("Queue", "Cola"))
    write(parts, "b.po", ("Queue", "Fila"))

    [fault] = messages.read_parts(parts).faults

    assert "'Queue' is translated differently in a.po" in fault


def test_built_catalogue_is_what_gettext_reads(parts: Path) -> None:
    import gettext

    write(parts, "a.po", ("Queue", "Cola"))
    (parts / "b.po").write_text(
        'msgid "one ticket"\nmsgid_plural "%(n)s tickets"\n'
        'msgstr[0] "una incidencia"\nmsgstr[1] "%(n)s incidencias"\n\n'
        'msgctxt "verb"\nmsgid "Open"\nmsgstr "Abrir"\n'
    )
    built = parts.parent / "LC_MESSAGES"

    assert messages.build(parts, built) is True
    assert messages.build(parts, built) is False

    with (built / "django.mo").open("rb") as source:
        catalogue = gettext.GNUTranslations(source)
    assert catalogue.gettext("Queue") == "Cola"
    assert catalogue.ngettext("one ticket", "%(n)s tickets", 1) == "una incidencia"
    assert catalogue.ngettext("one ticket", "%(n)s tickets", 2) == "%(n)s incidencias"
    assert catalogue.pgettext("verb", "Open") == "Abrir"


def test_missing_and_wrong_spanish_is_named_with_its_place(tmp_path: Path, parts: Path) -> None:
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tickets" / "views.py").write_text(
        '_("Nobody")\n_("At most %(n)s")\nngettext("a row", "%(n)s rows", n)\n_("Empty")\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}\n{% translate "In a page" %}')
    write(parts, "a.po", ("At most %(n)s", "A lo más %(m)s"), ("a row", "una fila"), ("Empty", ""))

    found = messages.faults(tmp_path, parts)

    assert any("views.py:1: no Spanish for 'Nobody'" in fault for fault in found)
    assert any("page.html:2: no Spanish for 'In a page'" in fault for fault in found)
    assert any("holds %(m)s" in fault for fault in found)
    assert any("one form only for the plural 'a row'" in fault for fault in found)
    assert any("empty Spanish for 'Empty'" in fault for fault in found)
    assert len(found) == 5


def test_what_django_says_in_spanish_needs_no_part(tmp_path: Path, parts: Path) -> None:
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tickets" / "forms.py").write_text('_("This field is required.")\n_("Method")\n')

    found = messages.faults(tmp_path, parts)

    assert len(found) == 1, found
    assert "no Spanish for 'Method'" in found[0], "only an app of Django that is not installed translates it"
