"""Doors of notices and of a person's own page."""
