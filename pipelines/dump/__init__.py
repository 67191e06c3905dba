"""Complete dumps of the published articles, per month and whole, with checksums, a codebook and a datapackage.json."""

from pipelines.dump.run import DumpError, DumpReport, dump

__all__ = ["DumpError", "DumpReport", "dump"]
