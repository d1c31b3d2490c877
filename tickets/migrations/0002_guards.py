"""What the database itself refuses, and the search configuration.

The timeline is append-only: update and delete are refused unless the transaction has said
`SET LOCAL helpdesk.redaction = 'on'`, which only the recorded redaction does.
"""

from django.db import migrations

TIMELINE_TRIGGER = """
CREATE FUNCTION timeline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('helpdesk.redaction', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'the timeline is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON tickets_ticketevent
    FOR EACH ROW EXECUTE FUNCTION timeline_append_only();
"""

SEARCH_CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION es_unaccent (COPY = pg_catalog.spanish);
ALTER TEXT SEARCH CONFIGURATION es_unaccent
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, spanish_stem;
"""

NO_DOUBLE_BOOKING = """
ALTER TABLE tickets_appointment ADD CONSTRAINT no_double_booking
    EXCLUDE USING gist (consultant_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (state = 'booked');
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(
            TIMELINE_TRIGGER,
            "DROP TRIGGER timeline_append_only ON tickets_ticketevent; DROP FUNCTION timeline_append_only();",
        ),
        migrations.RunSQL(SEARCH_CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION es_unaccent;"),
        migrations.RunSQL(NO_DOUBLE_BOOKING, "ALTER TABLE tickets_appointment DROP CONSTRAINT no_double_booking;"),
    ]
