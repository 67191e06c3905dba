"""The faces of khotin: the command line and the Datasette plugin. May import scrapers and pipelines."""

__version__ = "0.1.0"
