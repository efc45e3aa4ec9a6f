from celery import shared_task

from merchants.services.deletion import DELETE_TASK, merchants_delete_due
from merchants.services.exports import EXPORT_TASK, exports_write


@shared_task(name=DELETE_TASK)
def delete_due() -> int:
    return merchants_delete_due()


@shared_task(name=EXPORT_TASK)
def export_due() -> int:
    return exports_write()
