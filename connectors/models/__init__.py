from connectors.models.profile import ImportKind, ImportProfile
from connectors.models.run import ImportNote, ImportRun

__all__ = ["ImportKind", "ImportNote", "ImportProfile", "ImportRun"]
