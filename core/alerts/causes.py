"""What nobody raises an alert for, so that it is looked for every minute: dead letters, old backups, a silent beat."""

from datetime import timedelta

from django.db.models import Count

from core import clock, pulse
from core.alerts.mail import alerts_mail
from core.alerts.service import alert_raise, alert_resolve, alerts_settle
from core.backup import last_backup
from core.models import Alert, OutboxEvent
from core.tenancy import platform_scope

LOOK_TASK = "core.alerts_look"
KEPT_FOR = timedelta(days=180)
MAX_BACKUP_AGE = timedelta(hours=36)
# A fault that kills everybody's events is one fault: so many merchants are named, the rest are on the page.
MERCHANTS_NAMED = 20


def causes_look() -> None:
    """Runs in a worker, so one is alive; whether beat is, its pulse says."""
    alert_resolve("worker", "")
    _beat()
    _dead_letters()
    _backup()
    alerts_mail()  # what could not be mailed before
    Alert.objects.filter(resolved_at__lt=clock.now() - KEPT_FOR).delete()


def _beat() -> None:
    if pulse.beat_is_silent():
        alert_raise("beat", "", "Beat is silent: no windows close, no mails are retried. Start or restart it.")
    else:
        alert_resolve("beat", "")


def _dead_letters() -> None:
    with platform_scope("alerts: dead letters"):
        dead = OutboxEvent.objects.filter(state=OutboxEvent.State.DEAD).order_by().values("merchant_id")
        counts = dead.annotate(count=Count("id")).values_list("merchant_id", "merchant__name", "count")
        found = list(counts.order_by("-count"))
    # Who is named stays named: else others were mailed of at each look, as the counts change.
    named = set(Alert.objects.filter(kind="dead_letters", resolved_at=None).values_list("key", flat=True))
    found.sort(key=lambda one: str(one[0]) not in named)
    alerts_settle(
        "dead_letters",
        {
            str(merchant_id): f"{name}: {count} event{'s were' if count != 1 else ' was'} given up."
            for merchant_id, name, count in found[:MERCHANTS_NAMED]
        },
    )


def _backup() -> None:
    last = last_backup()
    if last is None:  # backups are made by other means, or not known yet
        return
    if clock.now() - last.taken_at > MAX_BACKUP_AGE:
        alert_raise(
            "backup",
            "",
            f"The last backup is of {last.taken_at:%Y-%m-%d %H:%M} UTC. Make one each day with bin/backup.",
        )
    else:
        alert_resolve("backup", "")
