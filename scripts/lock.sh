#!/bin/sh
# Write the lock files: every package with its version and hashes, no host name. `make lock`; with UPGRADE=1 newer versions.
set -eu
cd "$(dirname "$0")/../requirements"
uv=${UV:-../.venv/bin/uv}
for name in base build uv demo dev; do
    "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        ${UPGRADE:+--upgrade} "$name.in" -o "$name.txt"
done
