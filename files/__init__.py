"""Attachments: storage, sniffing of types, safe names, guarded download."""
