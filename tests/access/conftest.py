"""The same desks, people and clock as in the tests of tickets."""

from tests.tickets.conftest import at, caller, cast, stranger

__all__ = ["at", "caller", "cast", "stranger"]
