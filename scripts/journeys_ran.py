"""Fail unless the browser journeys really ran: `python scripts/journeys_ran.py JUNIT.xml`."""

import sys
from pathlib import Path
from xml.etree import ElementTree

AT_LEAST = 6  # the steps 2 to 7 of the story


def main() -> int:
    """Count the passed tests that carry the property `journey`."""
    cases = ElementTree.parse(Path(sys.argv[1])).iter("testcase")  # noqa: S314 - pytest's own, of this very run
    journeys = [case for case in cases if case.find("properties/property[@name='journey']") is not None]
    passed = [
        case for case in journeys if not any(case.find(bad) is not None for bad in ("skipped", "failure", "error"))
    ]
    if len(passed) < AT_LEAST:
        print(f"only {len(passed)} browser journeys passed, {AT_LEAST} are the least", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
