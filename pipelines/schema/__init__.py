"""archive.db: its tables and migrations, how it is opened, and the errors that are told to a person."""

from pipelines.schema.errors import (
    DiskFull,
    Locked,
    NewerSchema,
    NoArchive,
    NotADatabase,
    OlderSchema,
    ReadOnly,
    StoreError,
    damaged,
    full,
    newer,
    no_archive,
    orphaned,
    other_folder,
    read_only,
    told,
)
from pipelines.schema.migrations import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, run_script
from pipelines.schema.opening import BUSY_SECONDS, connect, connect_read_only, connect_to_look
from pipelines.schema.tables import iso

__all__ = [
    "APPLICATION_ID",
    "BUSY_SECONDS",
    "MIGRATIONS",
    "SCHEMA_VERSION",
    "DiskFull",
    "Locked",
    "NewerSchema",
    "NoArchive",
    "NotADatabase",
    "OlderSchema",
    "ReadOnly",
    "StoreError",
    "connect",
    "connect_read_only",
    "connect_to_look",
    "damaged",
    "full",
    "iso",
    "newer",
    "no_archive",
    "orphaned",
    "other_folder",
    "read_only",
    "run_script",
    "told",
]
