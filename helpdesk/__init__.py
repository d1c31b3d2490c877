"""The project: settings, addresses, processes."""

import zoneinfo

zoneinfo.reset_tzpath(to=())  # every process reckons with the pinned tzdata package, whatever the machine has
