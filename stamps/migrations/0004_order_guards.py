"""The timeline of an order and what was paid for it are never edited."""

from django.db import migrations

FINAL = """
CREATE TRIGGER order_event_append_only BEFORE UPDATE OR DELETE ON stamps_stamporderevent
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();
CREATE TRIGGER payment_append_only BEFORE UPDATE OR DELETE ON stamps_stamppayment
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();
"""

NOT_FINAL = """
DROP TRIGGER order_event_append_only ON stamps_stamporderevent;
DROP TRIGGER payment_append_only ON stamps_stamppayment;
"""


class Migration(migrations.Migration):
    dependencies = [("stamps", "0003_orders")]

    operations = [migrations.RunSQL(FINAL, NOT_FINAL)]
