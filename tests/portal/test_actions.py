"""Files that nobody sent in the end."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from files import actions as file_actions
from files.models import Attachment
from portal import actions
from portal.keeping import MAX_AGE
from tests.factories import OFFICE, Cast

LATER = OFFICE + MAX_AGE + timedelta(hours=2)


def stored(name: str) -> Attachment:
    return file_actions.store(SimpleUploadedFile(name, b"texto"), now=OFFICE)


def test_a_file_of_a_form_that_was_never_sent_goes_and_one_that_was_stays(cast: Cast):
    sent, forgotten = stored("enviado.txt"), stored("olvidado.txt")
    cast.ticket(files=(sent,))

    assert actions.forget_unsent(now=LATER) == 1
    assert list(Attachment.objects.all()) == [sent]
    assert forgotten.pk != sent.pk


def test_a_form_that_is_still_open_keeps_its_files(cast: Cast):
    stored("captura.png")

    assert actions.forget_unsent(now=OFFICE + MAX_AGE) == 0
