"""What Django's constraints cannot say: versions are never edited, and one click twice is one change of shift."""

from django.db import migrations

VERSIONS_ARE_FINAL = """
CREATE FUNCTION schedules_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of % is never changed: write a new one', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER calendarversion_is_final BEFORE UPDATE OR DELETE ON schedules_calendarversion
    FOR EACH ROW EXECUTE FUNCTION schedules_version_is_final();
CREATE TRIGGER rotaversion_is_final BEFORE UPDATE OR DELETE ON schedules_rotaversion
    FOR EACH ROW EXECUTE FUNCTION schedules_version_is_final();
"""

VERSIONS_ARE_NOT_FINAL = """
DROP TRIGGER calendarversion_is_final ON schedules_calendarversion;
DROP TRIGGER rotaversion_is_final ON schedules_rotaversion;
DROP FUNCTION schedules_version_is_final();
"""

# The same person twice over the same hours of a rota, in force both times, is a repeated click. Different
# people may overlap: the newest that holds wins, and withdrawing it gives the hours back.
ONE_CLICK_ONE_CHANGE = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE schedules_override ADD CONSTRAINT override_once EXCLUDE USING gist (
    rota_id WITH =, user_id WITH =, kind WITH =, tstzrange(start_at, end_at) WITH &&
) WHERE (state = 'active');
"""


class Migration(migrations.Migration):
    dependencies = [("schedules", "0001_initial")]

    operations = [
        migrations.RunSQL(VERSIONS_ARE_FINAL, VERSIONS_ARE_NOT_FINAL),
        migrations.RunSQL(ONE_CLICK_ONE_CHANGE, "ALTER TABLE schedules_override DROP CONSTRAINT override_once"),
    ]
