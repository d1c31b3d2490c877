"""`{{ text|prose }}`: what people wrote, as paragraphs with links, and nothing of theirs as markup."""

from django.utils.html import linebreaks, urlize
from hypothesis import given
from hypothesis import strategies as st

from core.templatetags.hd import prose

PIECES = st.sampled_from(
    [
        "www.sat.gob.mx",
        "https://x.example/a?b=1",
        "ana@x.example",
        "x.com",
        "<b>",
        "&",
        "\n",
        "\n\n",
        "\r\n",
        '"',
        ".",
        " ",
    ]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=12).map("".join))
def test_it_reads_as_djangos_filters_would_write_it(text: str) -> None:
    assert prose(text) == linebreaks(urlize(text, nofollow=True, autoescape=True))


def test_a_text_that_is_too_long_to_be_kept_is_written_too() -> None:
    text = "línea\n" * 2_000
    assert prose(text) == linebreaks(text)
