#!/bin/sh
# All that can be said about the code without running it. Every step runs; the end names those that failed.
set -u
cd "$(dirname "$0")/.."
py=${PY:-.venv/bin/python}
bin=$(dirname "$py")
failed=

step() {
    name=$1
    shift
    printf '%-12s' "$name"
    if output=$("$@" 2>&1); then
        echo ok
    else
        echo FAILED
        printf '%s\n' "$output" | tail -n 60
        failed="$failed $name"
    fi
}

templates() {
    git ls-files -z '*.html' | xargs -0 "$bin/djade" --check --target-version 5.2
}

layers() {
    "$bin/lint-imports" --config pyproject.toml
}

migrations() {
    DJANGO_SETTINGS_MODULE=helpdesk.settings.test "$py" -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
}

stylesheet() {
    "$py" manage.py build_css && git diff --exit-code -- static/css/helpdesk.css
}

deploy() {
    # Invented values, good enough for the guard: no secret of anybody.
    env -i PATH="$PATH" HOME="${HOME:-/}" \
        DJANGO_SETTINGS_MODULE=helpdesk.settings.production \
        SECRET_KEY="$(key 50)" LINK_KEYS="$(key 40)" \
        VAULT_KEYS="$("$py" -c 'import base64; print(base64.urlsafe_b64encode(bytes(range(100, 132))).decode())')" \
        ALLOWED_HOSTS=ayuda.example SITE_URL=https://ayuda.example \
        DATABASE_URL=postgresql://helpdesk:x@127.0.0.1:1/helpdesk REDIS_URL=redis://127.0.0.1:1/0 \
        EMAIL_URL=smtp+tls://x:x@mail.example:587 \
        "$py" manage.py check --deploy --fail-level WARNING
}

key() {
    "$py" -c "import secrets; print(secrets.token_urlsafe($1))"
}

step format "$py" -m ruff format --check .
step lint "$py" -m ruff check .
step types "$py" -m mypy .
step layers layers
step templates templates
step stylesheet stylesheet
step migrations migrations
step deploy deploy
step messages "$py" -m helpdesk.messages check

[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
