# One image for web, live, worker and beat; the command chooses.

FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/helpdesk
COPY requirements/base.txt requirements/build.txt requirements/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/python -m helpdesk.messages build \
 && STATIC_ROOT=/srv/helpdesk/staticfiles DJANGO_SETTINGS_MODULE=helpdesk.settings.build \
    /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home helpdesk \
 && install -d -o helpdesk -g helpdesk /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/helpdesk /srv/helpdesk
WORKDIR /srv/helpdesk
USER helpdesk
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=helpdesk.settings.production \
    VAR_DIR=/data \
    STATIC_ROOT=/srv/helpdesk/staticfiles
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "helpdesk.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--max-requests", "5000", "--max-requests-jitter", "500"]
