"""Loaded by Python at start when this folder is on PYTHONPATH: kills the process at a chosen point of the code.

DIE_AT=call:editing.services.saga._apply dies before, return:… after. DIE_ONCE names a file that is made at death, so
that a process started again with the same environment lives. The code under test knows nothing of it.
"""

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

_when, _, _where = os.environ.get("DIE_AT", "").partition(":")
_module, _, _function = _where.rpartition(".")


def _watch(frame: FrameType, event: str, argument: Any) -> None:
    if event != _when or frame.f_code.co_name != _function:
        return
    if frame.f_globals.get("__name__") != _module:
        return
    try:
        os.close(os.open(os.environ["DIE_ONCE"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


if _where:
    threading.setprofile(_watch)
    sys.setprofile(_watch)
