"""Whether an archive is sound: WARC files, database, what joins the two, and the published snapshot."""

from pipelines.verify.report import VerifyReport
from pipelines.verify.run import NothingToVerify, verify

__all__ = ["NothingToVerify", "VerifyReport", "verify"]
