"""WARC files: write, read back, repair a torn tail, check (ISO 28500:2017, WARC 1.1; reads 1.0 too)."""

from pipelines.warc.bodies import DECODED_LIMIT, decode_body
from pipelines.warc.http import redirect_target
from pipelines.warc.model import (
    BodyDamaged,
    BodyTooLarge,
    DiskFull,
    Exchange,
    Headers,
    ReadOnlyFolder,
    RefersTo,
    RepairReport,
    TornRecord,
    WarcBusy,
    WarcMissing,
    WarcUnreadable,
    WarcWriteError,
    WholeGzip,
)
from pipelines.warc.read import Archived, read_archived, read_capture, read_captures, read_exchange, stated_digest
from pipelines.warc.records import Record
from pipelines.warc.repair import being_written, check, examine, repair_tail
from pipelines.warc.write import MAX_BYTES, WarcWriter, payload_digest

__all__ = [
    "DECODED_LIMIT",
    "MAX_BYTES",
    "Archived",
    "BodyDamaged",
    "BodyTooLarge",
    "DiskFull",
    "Exchange",
    "Headers",
    "ReadOnlyFolder",
    "Record",
    "RefersTo",
    "RepairReport",
    "TornRecord",
    "WarcBusy",
    "WarcMissing",
    "WarcUnreadable",
    "WarcWriteError",
    "WarcWriter",
    "WholeGzip",
    "being_written",
    "check",
    "decode_body",
    "examine",
    "payload_digest",
    "read_archived",
    "read_capture",
    "read_captures",
    "read_exchange",
    "redirect_target",
    "repair_tail",
    "stated_digest",
]
