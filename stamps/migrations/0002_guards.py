"""What the database itself refuses: a movement is never edited, a balance is nothing but the sum of its movements."""

from django.db import migrations

LEDGER = """
CREATE FUNCTION stamps_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE ON stamps_stampmovement
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();

-- The only writer of a balance. A check on the account refuses a prepaid one below zero.
CREATE FUNCTION stamps_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stamps_stampaccount SET balance = balance + NEW.amount WHERE id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER movement_is_booked AFTER INSERT ON stamps_stampmovement
    FOR EACH ROW EXECUTE FUNCTION stamps_book();

CREATE FUNCTION stamps_balance_is_the_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.balance <> 0 THEN
        RAISE EXCEPTION 'an account begins at 0' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.balance <> OLD.balance AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'a balance changes by movements only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER balance_is_the_sum BEFORE INSERT OR UPDATE ON stamps_stampaccount
    FOR EACH ROW EXECUTE FUNCTION stamps_balance_is_the_sum();
"""

NO_LEDGER = """
DROP TRIGGER balance_is_the_sum ON stamps_stampaccount;
DROP TRIGGER movement_is_booked ON stamps_stampmovement;
DROP TRIGGER movement_append_only ON stamps_stampmovement;
DROP FUNCTION stamps_balance_is_the_sum();
DROP FUNCTION stamps_book();
DROP FUNCTION stamps_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("stamps", "0001_initial")]

    operations = [migrations.RunSQL(LEDGER, NO_LEDGER)]
