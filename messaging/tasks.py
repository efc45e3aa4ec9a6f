from celery import shared_task

from messaging.services.enqueue import SEND_TASK
from messaging.services.send import messages_send_due


@shared_task(name=SEND_TASK)
def send_due() -> int:
    return messages_send_due()
