"""Makes the modules of scripts/release/ importable, and has what their tests share."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "release"))
import extension  # noqa: E402  (found through the path set above)
import layout  # noqa: E402
import tree  # noqa: E402


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def parts():
    """The parts of the packages, from these sources."""
    commit = tree.Commit("0123456789ab", "2026-11-22", 1_795_000_000)
    return layout.Parts(ROOT, tree.version(ROOT), commit, extension.build(ROOT), layout.unity(ROOT, commit))
