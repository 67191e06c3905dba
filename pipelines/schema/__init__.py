"""archive.db: its tables and migrations, how it is opened, and the errors that are told to a person."""

from pipelines.schema.errors import (
    DiskFull,
    Locked,
    NewerSchema,
    NoArchive,
    NotADatabase,
    ReadOnly,
    StoreError,
    damaged,
    full,
    newer,
    read_only,
    told,
)
from pipelines.schema.opening import BUSY_SECONDS, connect, connect_read_only
from pipelines.schema.tables import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, iso, run_script

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
    "ReadOnly",
    "StoreError",
    "connect",
    "connect_read_only",
    "damaged",
    "full",
    "iso",
    "newer",
    "read_only",
    "run_script",
    "told",
]
