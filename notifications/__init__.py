"""Telling people: the outbox, its senders (e-mail, webhook), notices that wake."""
