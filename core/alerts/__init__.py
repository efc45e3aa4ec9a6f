"""Alerts: what operators must know, on the platform site and by mail, until its cause is gone.

Any room raises one with `alert_raise` and takes it back with `alert_resolve`. What nobody would raise, because whoever
could is dead, is looked for: dead letters and old backups by `core.alerts.causes`, a silent beat by the workers and
silent workers by beat (`pro_platform.watchers`).
"""

from core.alerts.service import alert_raise, alert_resolve, alerts_settle

__all__ = ["alert_raise", "alert_resolve", "alerts_settle"]
