"""Clients from a file: cells (`lines`) → companies (`companies`) → what would change (`planning`).

Nothing here writes; `clients.import_actions` does.
"""
