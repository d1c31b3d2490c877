"""Words as the index has them, and the query of words: pure text, read by PostgreSQL's full text search.

The index holds runs of letters and digits (so that `timbrado/nómina` or `error.Ya` are two words each) and keys of
what is found exactly: `rfc:fno180312kx1`, `mail:rosa@x.example`, `tel:5410555227` (a telephone backwards, so that its
last seven digits find it too).
"""

from __future__ import annotations

import re
from typing import Final

from tickets.searchquery import Search, Term, fold, pieces, write

# Longer runs are no words: they would swell the vector (a key in base64, a rule of dashes).
LONGEST: Final = 50
# Snowball takes -ciones and -ución for endings, but not -cion without its accent.
_SINGULAR, _PLURAL = "cion", "ciones"
# What a word that is still being typed may end in, so that its stem is met: «certificad» + o.
_ENDINGS: Final = (
    "o",
    "a",
    "e",
    "s",
    "os",
    "es",
    "r",
    "to",
    "nto",
    "do",
    "te",
    "nes",
    "ones",
    "iones",
    "ciones",
    "mente",
)
_LONG_ENOUGH: Final = 4

_MAIL: Final = re.compile(r"[^\s@<>,;:\"'()]{1,64}@[^\s@<>,;:\"'()]{1,190}\.[^\W\d_]{2,24}")
_RFC: Final = re.compile(r"(?<![^\W_])[A-ZÑ&]{3,4}[ -]?[0-9]{6}[ -]?[A-Z0-9]{3}(?![^\W_])", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<![^\W_])\+?\(?[0-9][0-9 ().-]{5,20}[0-9](?![^\W_])")
_OLD_PREFIX: Final = re.compile(r"^(?:(?:00)?52(?:1(?=[0-9]{10}$))?|01|044|045)(?=[0-9]{10}$)")
_MOST_KEYS: Final = 200


def phone_digits(text: str) -> str:
    """The digits of a Mexican telephone without country and old prefixes; others as they are."""
    return _OLD_PREFIX.sub("", re.sub(r"[^0-9]", "", text))


def indexed(text: str) -> str:
    """The text as words with blanks between them."""
    return " ".join(piece for piece in pieces(text) if len(piece) <= LONGEST)


def keys(text: str) -> set[str]:
    """What in the text may be asked for exactly: RFCs, addresses, telephones of ten digits or more."""
    found = {_mail(m) for m in _MAIL.findall(text)}
    found |= {_rfc(m) for m in _RFC.findall(text)}
    digits = (phone_digits(m) for m in _PHONE.findall(text))
    found |= {phone_key(d) for d in digits if 10 <= len(d) <= 15}
    return set(sorted(found)[:_MOST_KEYS])


def own_keys(*, rfc: str, email: str, phone: str) -> set[str]:
    """The keys of a ticket's own RFC, address and telephone (E.164), however odd they are; empty ones give none."""
    digits = phone_digits(phone)
    return {key for key in (rfc and _rfc(rfc), email and _mail(email), digits and phone_key(digits)) if key}


def _mail(text: str) -> str:
    return f"mail:{text.strip('.').lower()}"


def _rfc(text: str) -> str:
    return f"rfc:{re.sub(r'[ -]', '', text).lower()}"


def phone_key(digits: str) -> str:
    return f"tel:{digits[::-1]}"


def vector(found: set[str], *, weight: str = "D") -> str:
    """Keys as the text of a tsvector."""
    return " ".join(f"{_quoted(key)}:1{weight}" for key in sorted(found))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def asked_exactly(search: Search) -> str:
    """The tsquery text of the RFC, address or telephone that the words are, all together; empty for other words."""
    text = " ".join(search.words)
    if mail := _MAIL.fullmatch(text):
        return _quoted(_mail(mail[0]))
    if rfc := _RFC.fullmatch(text):
        return _quoted(_rfc(rfc[0]))
    if re.fullmatch(r"\+?[0-9 ().-]{7,24}", text):
        digits = phone_digits(text)
        if 7 <= len(digits) <= 15:
            return _quoted(phone_key(digits)) + ":*"
    return ""


def rfc_of(text: str) -> str:
    """The RFC that the text is, in capitals; empty for other text."""
    return re.sub(r"[ -]", "", text).upper() if _RFC.fullmatch(text) else ""


def tsquery(search: Search) -> str:
    """All the words, the unfinished last as a beginning too, without those that must not be there; for `to_tsquery`."""
    last = len(search.terms) - 1
    parts = [_part(term, open_end=search.unfinished and n == last) for n, term in enumerate(search.terms)]
    return " & ".join(part for part in parts if part)


def any_of(search: Search) -> str:
    """Any of the words: what is marked in a text."""
    last = len(search.terms) - 1
    wanted = [
        _part(term, open_end=search.unfinished and n == last) for n, term in enumerate(search.terms) if not term.negated
    ]
    return " | ".join(part for part in wanted if part)


def _part(term: Term, *, open_end: bool) -> str:
    words = [fold(piece) for piece in pieces(term.text)]
    words = [piece for word in words for piece in pieces(word) if len(piece) <= LONGEST]
    if not words:
        return ""
    open_end = open_end and not term.negated and not term.phrase
    *before, final = words
    parts = [_alternatives(word, open_end=False) for word in before] + [_alternatives(final, open_end=open_end)]
    joined = " <-> ".join(parts)
    return f"!({joined})" if term.negated else f"({joined})" if before else joined


def _alternatives(word: str, *, open_end: bool) -> str:
    forms = [word]
    if word.endswith(_SINGULAR):
        forms.append(f"{word}es")
    elif word.endswith(_PLURAL):
        forms.append(word[:-2])
    if open_end and len(word) >= _LONG_ENOUGH:
        forms += [word + ending for ending in _ENDINGS]
    written = [f"'{form}'" for form in forms]
    if open_end:
        written.insert(0, f"'{word}':*")
    return written[0] if len(written) == 1 else f"({' | '.join(written)})"


def suggestion(search: Search, nearest: dict[str, str]) -> str:
    """The words with those replaced that have a near one; empty when none has."""
    changed = [
        Term(nearest.get(fold(term.text), term.text), term.phrase, term.negated) if not term.phrase else term
        for term in search.terms
    ]
    if all(a.text == b.text for a, b in zip(changed, search.terms, strict=True)):
        return ""
    return write(Search(tuple(changed), search.filters))


def unknown_words(search: Search) -> list[str]:
    """Single words that a near one may be looked for, folded."""
    return [
        fold(term.text)
        for term in search.terms
        if not term.phrase and not term.negated and re.fullmatch(r"[^\W\d_]{4,40}", term.text)
    ][:6]
