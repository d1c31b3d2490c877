"""Write static/css/helpdesk.css: the files that index.css lists, in its order, as the one sheet that pages load."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

CSS_DIR = Path(settings.BASE_DIR) / "static" / "css"
IMPORT = re.compile(r'^@import url\("([\w-]+\.css)"\);\n', re.MULTILINE)


def bundle(folder: Path = CSS_DIR) -> str:
    """The text of index.css with each import replaced by the file that it names."""
    index = (folder / "index.css").read_text("utf-8")
    listed = IMPORT.sub(lambda found: (folder / found[1]).read_text("utf-8"), index)
    return re.sub(
        r"\A/\*.*?\*/", "/* Written by `manage.py build_css`; edit the files beside it. */", listed, flags=re.S
    )


class Command(BaseCommand):
    help = "Write static/css/helpdesk.css from the files that index.css lists."

    def handle(self, *args: Any, **options: Any) -> None:
        (CSS_DIR / "helpdesk.css").write_text(bundle(), "utf-8")
