from celery import shared_task

from orders.services.windows import windows_sweep


@shared_task(name="orders.windows_sweep")
def sweep() -> int:
    return windows_sweep()
