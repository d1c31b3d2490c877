"""The sequence that numbers notices: a notice written after another was committed gets a higher number."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE notifications_seq OWNED BY notifications_notification.seq",
            "DROP SEQUENCE notifications_seq",
        ),
    ]
