"""Uploads larger than any page takes are not kept: neither in memory nor on a disk."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

_MARK = "_upload_refused"


class SizeLimit(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: past UPLOAD_MAX_BYTES a file is read to its end and thrown away."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._size += len(raw_data)
        if self._size > settings.UPLOAD_MAX_BYTES:
            setattr(self.request, _MARK, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler has the file."""


def is_refused(request: HttpRequest) -> bool:
    """Whether a file of this request was too large to be kept."""
    return bool(request.FILES is not None and getattr(request, _MARK, False))
