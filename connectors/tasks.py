from celery import shared_task

from connectors.services.purge import import_runs_purge
from connectors.services.resume import runs_resume
from connectors.services.runs import DRIVE_TASK

# A large file takes its time; a worker that dies is followed by another, because the run's lease ends.
LIMIT = 6 * 3600


@shared_task(name=DRIVE_TASK, time_limit=LIMIT, soft_time_limit=LIMIT - 60)
def imports_drive() -> int:
    return runs_resume()


@shared_task(name="connectors.purge_runs")
def purge_runs() -> int:
    return import_runs_purge()
