from editing.models.quote import Quote
from editing.models.session import EditOperation, EditSession, EditTransition, SagaStep

__all__ = ["EditOperation", "EditSession", "EditTransition", "Quote", "SagaStep"]
