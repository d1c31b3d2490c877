"""Open pages are told that something changed: server-sent events under `/stream/`, in front of Django.

A stream holds neither a thread nor a connection: PostgreSQL has the truth, Valkey only says "look". What it does and
why stands in docs/live.md.
"""

from helpdesk.live.application import Streams

__all__ = ["Streams"]
