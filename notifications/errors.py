"""Why a notice did not go."""

from __future__ import annotations


class Refused(Exception):
    """The other side will never take this notice: it bounced."""


class NotConfigured(Exception):
    """There is nobody to hand the notice to: given up at once, so that a ladder climbs."""
