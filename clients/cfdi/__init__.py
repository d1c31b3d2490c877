"""What a fiscal document, a certificate or an error code says: read from text and bytes that strangers sent. No ORM."""
