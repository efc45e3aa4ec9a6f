"""A worker that drives imports and may be killed: `python -m tests.faults.import_driver`."""

import django

django.setup()

from connectors.services.resume import runs_resume  # noqa: E402

if __name__ == "__main__":
    runs_resume()
