"""The reading room: Datasette on public.db, with an article page, a home page and safe headers."""

from khotin.serve.app import DATABASE, Refused, build
from khotin.serve.server import AddressRefused, PortInUse, serve

__all__ = ["DATABASE", "AddressRefused", "PortInUse", "Refused", "build", "serve"]
