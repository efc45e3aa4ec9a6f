from celery import shared_task

from editing.services.resume import drafts_abandon, edits_resume


@shared_task(name="editing.resume")
def resume() -> int:
    return edits_resume()


@shared_task(name="editing.abandon_drafts")
def abandon_drafts() -> int:
    return drafts_abandon()
