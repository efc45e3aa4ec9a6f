"""Why a backup was not taken or not restored, in one sentence for the operator."""


class BackupError(Exception):
    """Nothing was changed, unless the sentence says otherwise."""
