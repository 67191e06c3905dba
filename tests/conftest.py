"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages and gold cases beside the checkout; users do not have it."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared folder beside this checkout")
    return SHARED
