"""Appointments with their states, the journal of attentions, prices that the client agrees to, and the personal feed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


NO_DOUBLE_BOOKING = """
ALTER TABLE tickets_appointment DROP CONSTRAINT no_double_booking;
ALTER TABLE tickets_appointment ADD CONSTRAINT no_double_booking
    EXCLUDE USING gist (consultant_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (state IN ('booked', 'serving'));
"""
AS_IT_WAS = """
ALTER TABLE tickets_appointment DROP CONSTRAINT no_double_booking;
ALTER TABLE tickets_appointment ADD CONSTRAINT no_double_booking
    EXCLUDE USING gist (consultant_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (state = 'booked');
"""
SHOW_BOOKED = """
UPDATE tickets_ticket t SET appointment_at = a.starts_at
FROM tickets_appointment a WHERE a.ticket_id = t.id AND a.state = 'booked';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desks", "0004_rota_feed"),
        ("tickets", "0006_vault"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AgendaFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(db_collation="C", max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Attention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[("phone", "phone"), ("remote", "remote"), ("on_site", "on site"), ("chat", "chat")],
                        max_length=8,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resolved", "solved"),
                            ("continues", "goes on"),
                            ("other_method", "goes on another way"),
                            ("no_answer", "the client did not answer"),
                        ],
                        max_length=12,
                    ),
                ),
                ("cost", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PriceConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[("phone", "phone"), ("remote", "remote"), ("on_site", "on site"), ("chat", "chat")],
                        max_length=8,
                    ),
                ),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("accepted", models.BooleanField(null=True)),
                (
                    "via",
                    models.CharField(
                        blank=True,
                        choices=[("link", "by link"), ("account", "signed in"), ("told", "told to the desk")],
                        max_length=7,
                    ),
                ),
                ("answered_by", models.CharField(blank=True, max_length=160)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="appointment",
            name="one_booked_appointment",
        ),
        migrations.AddField(
            model_name="appointment",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="place",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="appointment",
            name="sequence",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="ticket",
            name="appointment_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="state",
            field=models.CharField(
                choices=[
                    ("booked", "booked"),
                    ("serving", "being attended"),
                    ("done", "attended"),
                    ("cancelled", "cancelled"),
                    ("no_show", "nobody came"),
                ],
                default="booked",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("state__in", ["booked", "serving"])),
                fields=["consultant", "starts_at"],
                name="agenda_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(condition=models.Q(("state", "no_show")), fields=["ticket"], name="appointments_missed"),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["booked", "serving"])),
                fields=("ticket",),
                name="one_live_appointment",
            ),
        ),
        migrations.AddField(
            model_name="agendafeed",
            name="desk",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desks.desk"),
        ),
        migrations.AddField(
            model_name="agendafeed",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="attention",
            name="appointment",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attention",
                to="tickets.appointment",
            ),
        ),
        migrations.AddField(
            model_name="attention",
            name="consultant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="attention",
            name="note",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.message"
            ),
        ),
        migrations.AddField(
            model_name="attention",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="attentions", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="priceconsent",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="priceconsent",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="price_consents", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="priceconsent",
            name="told_to",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="attention",
            name="consent",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attention",
                to="tickets.priceconsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendafeed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)), fields=("desk", "user"), name="one_agenda_feed_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at__isnull", True)), fields=("ticket", "method"), name="one_price_asked"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted__isnull", True), ("answered_at__isnull", True), ("via", "")),
                    models.Q(
                        ("accepted__isnull", False),
                        ("answered_at__isnull", False),
                        models.Q(("via", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="price_answer_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("told_to__isnull", False), ("via", "told")),
                    models.Q(models.Q(("via", "told"), _negated=True), ("told_to__isnull", True)),
                    _connector="OR",
                ),
                name="price_told_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceconsent",
            constraint=models.CheckConstraint(condition=models.Q(("price__gt", 0)), name="price_is_positive"),
        ),
        migrations.AddIndex(
            model_name="attention",
            index=models.Index(fields=["ticket", "started_at", "id"], name="journal_of_ticket"),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="attention_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("outcome", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="attention_ends_with_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("ticket",), name="one_attention_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="attention",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent__isnull", True), ("cost__isnull", False), _connector="OR"),
                name="consent_has_its_cost",
            ),
        ),
        migrations.RunSQL(NO_DOUBLE_BOOKING, AS_IT_WAS),
        migrations.RunSQL(SHOW_BOOKED, migrations.RunSQL.noop),
    ]
