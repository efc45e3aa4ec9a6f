from django.db import migrations

from core.db.operations import AppendOnly, EnableRls, TenantForeignKey

# What a record has seen stays seen: the provider's intent and the money asked for are fixed, an end is an end, and nothing that
# was captured vanishes. Only a record whose provider intent is not known yet may change its mind.
GUARD = """
CREATE FUNCTION payments_intent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency OR NEW.order_id <> OLD.order_id
        OR NEW.edit_id <> OLD.edit_id OR NEW.attempt <> OLD.attempt THEN
        RAISE EXCEPTION 'A payment keeps its amount, order and attempt' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.provider_intent_id <> '' AND (
        NEW.provider_intent_id <> OLD.provider_intent_id
        OR NEW.captured_minor < OLD.captured_minor
        OR (OLD.status IN ('succeeded', 'cancelled') AND NEW.status <> OLD.status)
        OR (OLD.status = 'requires_capture' AND NEW.status NOT IN ('requires_capture', 'succeeded', 'cancelled'))
    ) THEN
        RAISE EXCEPTION 'A payment does not go back from % to %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_intent_guard BEFORE UPDATE ON payments_paymentintentrecord
    FOR EACH ROW EXECUTE FUNCTION payments_intent_guard();
"""
UNGUARD = """
DROP TRIGGER payments_intent_guard ON payments_paymentintentrecord;
DROP FUNCTION payments_intent_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("orders", "0002_walls")]

    operations = [
        EnableRls("StripeAccount", "PaymentIntentRecord", "PaymentEvent"),
        TenantForeignKey("PaymentIntentRecord", "order"),
        TenantForeignKey("PaymentEvent", "intent"),
        AppendOnly("PaymentEvent"),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
