"""The pages of the desk's people: thin doors to the verbs and queries of tickets."""

from tickets.views.ticket import detail

__all__ = ["detail"]
