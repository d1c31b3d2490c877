"""The client's pages, a file per page."""
