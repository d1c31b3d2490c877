"""Secrets at rest: sealed with the keys of VAULT_KEYS, which the database does not know.

The first key seals, every key of the list opens. `key_id` names the first without telling it.
"""

from __future__ import annotations

import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(ValueError):
    """No key of the list opens it: its key was taken away, or the bytes are damaged."""


def seal(content: bytes) -> bytes:
    return _keys().encrypt(content)


def unseal(sealed: bytes) -> bytes:
    """The content. Raises Unreadable."""
    try:
        return _keys().decrypt(sealed)
    except InvalidToken as error:
        raise Unreadable from error


def resealed(sealed: bytes) -> bytes:
    """The same content under the first key. Raises Unreadable."""
    try:
        return _keys().rotate(sealed)
    except InvalidToken as error:
        raise Unreadable from error


def is_current(sealed: bytes) -> bool:
    """Whether the first key alone opens it."""
    try:
        Fernet(settings.VAULT_KEYS[0]).decrypt(sealed)
    except InvalidToken:
        return False
    return True


def key_id() -> str:
    """Sixteen characters that stand for the first key and do not give it away."""
    return hashlib.sha256(b"vault key id:" + settings.VAULT_KEYS[0].encode()).hexdigest()[:16]


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])
