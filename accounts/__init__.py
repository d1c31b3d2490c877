"""People who sign in: users, tokens, idempotency records, preferences."""
