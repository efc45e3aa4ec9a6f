"""What an import or an export may be refused for."""

from core.errors import DomainError, ErrorKind, NotFound


class ImportRunNotFound(NotFound):
    code = "import_not_found"
    message = "There is no such import."


class ImportProfileNotFound(NotFound):
    code = "import_profile_not_found"
    message = "There is no import profile “{name}” for {kind}. There are: {known}."


class ImportNotPossible(DomainError):
    code = "import_not_possible"
    kind = ErrorKind.CONFLICT
    message = "The import has moved on: it is “{state}” now."
