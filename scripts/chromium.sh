#!/bin/sh
# Make sure that there is a Chromium for the browser journeys; installs Debian's where that is allowed.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ "${HELPDESK_NO_BROWSER:-}" = 1 ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing chromium …"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; } >/dev/null </dev/null && exit 0
fi
echo "No Chromium: the browser journeys will fail. Install chromium, or set HELPDESK_NO_BROWSER=1 to leave them out." >&2
exit 0
