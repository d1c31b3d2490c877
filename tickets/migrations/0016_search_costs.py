"""Tell the planner what reading a ticket's words costs.

It takes `tsv @@ query` for as cheap as comparing two numbers, and a beginning (`timb:*`) for met by one ticket in two
hundred at least. So for a rare word it walked all tickets from the newest backwards, unpacking the words of each: seconds,
where the index answers in milliseconds. A condition that is always true, and dear, is counted for each ticket that a plan
reads: then the walk is chosen only for words that many tickets have. It is not parallel safe, on purpose: workers take longer
to start than a page of results takes.
"""

from django.db import migrations

COST = """
CREATE FUNCTION reads_words(bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 2000
AS 'BEGIN RETURN true; END';
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0015_cfdi")]

    operations = [migrations.RunSQL(COST, "DROP FUNCTION reads_words(bigint);")]
