"""Beat's schedule in the database, once that is one which this code can work on."""

from typing import Any

from core.db.direct import Database
from core.db.guard import start_trouble
from pro_platform.watchers import WatchingScheduler


class GuardedScheduler(WatchingScheduler):
    """Celery's own signal for the start of beat comes only after the schedule was read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if trouble := start_trouble(Database.of_settings()):
            raise SystemExit(trouble)
        super().__init__(*args, **kwargs)
