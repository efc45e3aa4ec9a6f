from celery import shared_task

from portal.services.links import portal_links_purge


@shared_task(name="portal.purge_links")
def purge_links() -> int:
    return portal_links_purge()
