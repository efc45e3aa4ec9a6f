"""The ground of every admin page: a scoped site, a scoped ModelAdmin, and a registry for what rooms add to each other.

`<app>/admin.py` modules register here, never on a site, because the site stands in the composition root above them.
"""
