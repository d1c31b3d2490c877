"""A desk as a file: the sections that this app owns, and what other apps need to add theirs.

`helpdesk.deskfile` reads and writes whole files; an app adds a section in its `apps.py` with
`desks.deskfile.sections.register`.
"""
