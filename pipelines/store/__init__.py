"""What writes archive.db: one transaction a page, so that a crash loses at most the page in flight."""

from pipelines.store.articles import Saved, SavedStatus
from pipelines.store.session import Store

__all__ = ["Saved", "SavedStatus", "Store"]
