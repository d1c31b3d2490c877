"""docs/templates.md, made from the comment at the head of each template: the contract between a view and its page.

python -m tests.design.contracts        writes docs/templates.md
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates"
PAGE = ROOT / "docs" / "templates.md"
HEAD = re.compile(r"{%\s*comment\s*%}(.*?){%\s*endcomment\s*%}", re.DOTALL)
INTRO = """\
# Templates and the context that they expect

Made from the comments at the head of the templates by `python -m tests.design.contracts`; a test keeps it so.
A view gives exactly these names. Templates decide nothing: what depends on a role, a state or an hour arrives as a
value, worded. Hours and dates arrive as text (`core.localtime`), clocks as `core.faces.ClockFace`, the day strip as
`core.faces.DayStrip`, codes of states, priorities and channels as in the contract. Text of staff goes through gettext,
text of clients is `say`: `core.wording.Wording(desk.trato, desk.wording, vendor=desk.vendor.name)`.

- CSS: a file per component in `static/css`, in the order of `index.css`; `manage.py build_css` writes `helpdesk.css`.
- No inline script, no inline style: values are classes and data attributes (`data-u` is a share of 100 in fives).
- `{% load hd %}`: filters `status`, `prio`, `sla`, `due`, `channel`, `avatar`, `who`, `folio`; tags `icon`, `field`,
  `errors`, `franja`, `when`.
- Every form is a plain POST. A dialog (`data-dialog`) falls back to the page of the same form, `tickets/action.html`.
- Live pages: `shell.stream` is the address of the events; any of `ticket`, `cola`, `notice`, `clock`, `message` makes
  the page ask for itself again (header `X-Live: 1`) and take the pieces named in `data-live`.
- The cookie `theme` (`light`, `dark`) is what `<html data-theme>` shows; the page's button and the preferences set it.
"""


def contracts() -> dict[str, str]:
    """Template -> what its head says of its context; templates without such a comment are left out."""
    found = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        head = HEAD.search(path.read_text("utf-8"))
        if head and not name.startswith(("mail/", "wake/")):
            found[name] = head[1].strip("\n").rstrip()
    return found


def text() -> str:
    parts = [INTRO]
    parts += [f"## `{name}`\n\n```text\n{head}\n```\n" for name, head in contracts().items()]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text(), "utf-8")
