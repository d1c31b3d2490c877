"""Stamps under /api/v1/stamps/."""
