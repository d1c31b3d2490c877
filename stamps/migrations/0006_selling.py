"""How a desk sells stamps: prices, bank, where the money went, papers of the payment and of the sale."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


GUARDS = """
CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE ON stamps_stampallocation
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE ON stamps_stampreceipt
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();
CREATE TRIGGER refund_append_only BEFORE UPDATE OR DELETE ON stamps_stamprefund
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();
CREATE TRIGGER invoice_append_only BEFORE UPDATE OR DELETE ON stamps_stampinvoice
    FOR EACH ROW EXECUTE FUNCTION stamps_append_only();

-- No payment gives more than it has, and no order gives back more than it got.
CREATE FUNCTION stamps_allocation_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    has numeric;
    given numeric;
    here numeric;
BEGIN
    SELECT amount INTO has FROM stamps_stamppayment WHERE id = NEW.payment_id FOR UPDATE;
    SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE order_id = NEW.order_id), 0)
        INTO given, here FROM stamps_stampallocation WHERE payment_id = NEW.payment_id;
    IF given + NEW.amount > has THEN
        RAISE EXCEPTION 'a payment gives no more than it has' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.order_id IS NOT NULL AND here + NEW.amount < 0 OR NEW.order_id IS NULL AND NEW.amount < 0 THEN
        RAISE EXCEPTION 'nothing gives back more than it got' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_within BEFORE INSERT ON stamps_stampallocation
    FOR EACH ROW EXECUTE FUNCTION stamps_allocation_within();

-- What was paid until now went to its order up to the total, in the order of telling.
WITH owed AS (
    SELECT id, round(quantity * unit_price, 2) + round(round(quantity * unit_price, 2) * 0.16, 2) AS total
    FROM stamps_stamporder
), told AS (
    SELECT p.*, o.total, sum(p.amount) OVER (PARTITION BY p.order_id ORDER BY p.id) - p.amount AS before
    FROM stamps_stamppayment p JOIN owed o ON o.id = p.order_id
), parts AS (
    SELECT told.*, CASE WHEN total IS NULL THEN amount ELSE least(amount, greatest(total - before, 0)) END AS part FROM told
)
INSERT INTO stamps_stampallocation (payment_id, order_id, amount, at, actor_kind, actor_id, actor_label)
SELECT id, order_id, part, recorded_at, actor_kind, actor_id, actor_label FROM parts WHERE part > 0;
"""

NO_GUARDS = """
DROP TRIGGER allocation_within ON stamps_stampallocation;
DROP FUNCTION stamps_allocation_within();
DROP TRIGGER invoice_append_only ON stamps_stampinvoice;
DROP TRIGGER refund_append_only ON stamps_stamprefund;
DROP TRIGGER receipt_append_only ON stamps_stampreceipt;
DROP TRIGGER allocation_append_only ON stamps_stampallocation;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_imports"),
        ("desks", "0004_rota_feed"),
        ("files", "0001_initial"),
        ("stamps", "0005_order_pages"),
        ("tickets", "0004_call_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StampAdvance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.PositiveIntegerField()),
                ("granted_at", models.DateTimeField()),
                ("granted_by", models.CharField(max_length=160)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="StampAllocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_label", models.CharField(max_length=160)),
            ],
        ),
        migrations.CreateModel(
            name="StampBilling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rfc", models.CharField(db_collation="C", max_length=13)),
                ("legal_name", models.CharField(max_length=254)),
                ("regimen", models.CharField(max_length=3)),
                ("postal_code", models.CharField(max_length=5)),
                ("cfdi_use", models.CharField(max_length=4)),
                ("payment_form", models.CharField(max_length=2)),
                ("payment_method", models.CharField(max_length=3)),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(max_length=160)),
            ],
        ),
        migrations.CreateModel(
            name="StampInvoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField()),
                ("total", models.DecimalField(decimal_places=2, max_digits=18)),
                ("issued_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_label", models.CharField(max_length=160)),
            ],
        ),
        migrations.CreateModel(
            name="StampPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_quantity", models.PositiveIntegerField()),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=12)),
                ("is_active", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="StampReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_label", models.CharField(max_length=160)),
            ],
        ),
        migrations.CreateModel(
            name="StampRefund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamps", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_label", models.CharField(max_length=160)),
            ],
        ),
        migrations.CreateModel(
            name="StampSales",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seller_name", models.CharField(max_length=254)),
                ("seller_rfc", models.CharField(db_collation="C", max_length=13)),
                ("seller_address", models.CharField(blank=True, max_length=254)),
                ("bank", models.CharField(max_length=60)),
                ("bank_holder", models.CharField(max_length=254)),
                ("clabe", models.CharField(db_collation="C", max_length=18)),
                ("reference", models.CharField(default="{number}", max_length=60)),
                ("quote_days", models.PositiveSmallIntegerField(default=5)),
                ("advance_cap", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="stamporder",
            name="skip_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="stamporder",
            name="terms",
            field=models.CharField(
                choices=[("prepaid", "paid in advance"), ("credit", "on credit")], default="prepaid", max_length=7
            ),
        ),
        migrations.AddConstraint(
            model_name="stamporder",
            constraint=models.CheckConstraint(
                condition=models.Q(("terms__in", ["prepaid", "credit"])), name="order_terms"
            ),
        ),
        migrations.AddField(
            model_name="stampadvance",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="advances", to="stamps.stampaccount"
            ),
        ),
        migrations.AddField(
            model_name="stampadvance",
            name="movement",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stamps.stampmovement"
            ),
        ),
        migrations.AddField(
            model_name="stampadvance",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="advances", to="stamps.stamporder"
            ),
        ),
        migrations.AddField(
            model_name="stampadvance",
            name="taken_back",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stamps.stampmovement"
            ),
        ),
        migrations.AddField(
            model_name="stampadvance",
            name="ticket",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.ticket"),
        ),
        migrations.AddField(
            model_name="stampallocation",
            name="order",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="stamps.stamporder",
            ),
        ),
        migrations.AddField(
            model_name="stampallocation",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="stamps.stamppayment"
            ),
        ),
        migrations.AddField(
            model_name="stampbilling",
            name="vendor",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desks.vendor"),
        ),
        migrations.AddField(
            model_name="stampinvoice",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="stamps.stamporder"
            ),
        ),
        migrations.AddField(
            model_name="stampinvoice",
            name="pdf",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.attachment"
            ),
        ),
        migrations.AddField(
            model_name="stampinvoice",
            name="vendor",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desks.vendor"),
        ),
        migrations.AddField(
            model_name="stampinvoice",
            name="xml",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.attachment"
            ),
        ),
        migrations.AddField(
            model_name="stampprice",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="stamp_prices", to="desks.desk"
            ),
        ),
        migrations.AddField(
            model_name="stampreceipt",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.attachment"
            ),
        ),
        migrations.AddField(
            model_name="stampreceipt",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="stamps.stamporder"
            ),
        ),
        migrations.AddField(
            model_name="stamprefund",
            name="movement",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stamps.stampmovement"
            ),
        ),
        migrations.AddField(
            model_name="stamprefund",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="stamps.stamporder"
            ),
        ),
        migrations.AddField(
            model_name="stampallocation",
            name="refund",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="stamps.stamprefund",
            ),
        ),
        migrations.AddField(
            model_name="stampsales",
            name="desk",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="stamp_sales", to="desks.desk"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampadvance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at__isnull", True)),
                fields=("account",),
                name="one_open_advance_per_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="stampadvance",
            constraint=models.UniqueConstraint(fields=("order",), name="one_advance_per_order"),
        ),
        migrations.AddConstraint(
            model_name="stampadvance",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="advance_of_something"),
        ),
        migrations.AddConstraint(
            model_name="stampbilling",
            constraint=models.UniqueConstraint(fields=("vendor", "rfc"), name="billing_once_per_rfc"),
        ),
        migrations.AddConstraint(
            model_name="stampinvoice",
            constraint=models.UniqueConstraint(fields=("vendor", "uuid"), name="invoice_uuid_once"),
        ),
        migrations.AddConstraint(
            model_name="stampprice",
            constraint=models.UniqueConstraint(fields=("desk", "from_quantity"), name="stamp_price_once"),
        ),
        migrations.AddConstraint(
            model_name="stampprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_quantity__gte", 1)), name="stamp_price_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampprice",
            constraint=models.CheckConstraint(condition=models.Q(("unit_price__gt", 0)), name="stamp_price_positive"),
        ),
        migrations.AddConstraint(
            model_name="stamprefund",
            constraint=models.CheckConstraint(
                condition=models.Q(("stamps__gt", 0), ("amount__gt", 0), _connector="OR"), name="refund_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="stamprefund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="refund_not_negative"),
        ),
        migrations.AddConstraint(
            model_name="stamprefund",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="refund_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampallocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("order__isnull", False), ("refund__isnull", True)),
                    models.Q(("order__isnull", True), ("refund__isnull", False)),
                    _connector="OR",
                ),
                name="allocation_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="stampallocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="allocation_of_something"
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
