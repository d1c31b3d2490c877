"""Django's PostgreSQL, with a health check that does not ask the server each time."""
