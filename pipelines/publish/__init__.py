"""archive.db -> public.db: a finished, checked snapshot for readers, without what must not be shown."""

from pipelines.publish.build import PublishError, PublishReport, publish
from pipelines.publish.rights import EXCERPT_CHARACTERS, LEAD_CHARACTERS, excerpt
from pipelines.publish.tables import PUBLIC_APPLICATION_ID

__all__ = [
    "EXCERPT_CHARACTERS",
    "LEAD_CHARACTERS",
    "PUBLIC_APPLICATION_ID",
    "PublishError",
    "PublishReport",
    "excerpt",
    "publish",
]
