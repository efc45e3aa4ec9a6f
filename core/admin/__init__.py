"""The ground of every admin page: a scoped site, a scoped ModelAdmin, and a registry through which rooms add to each other's pages.

`<app>/admin.py` modules register here, never on a site, because the site stands in the composition root above them.
"""
