"""Pages of stamps for the desk's people, a file per page."""
