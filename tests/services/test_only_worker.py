"""One worker works on a state directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.errors import ConfigurationError
from idp.worker import is_at_work, only_worker

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_one_is_refused_and_says_why(tmp_path: Path) -> None:
    """Two would send each letter twice."""
    with only_worker(tmp_path):
        assert is_at_work(tmp_path)
        with pytest.raises(ConfigurationError, match="another worker is at work"), only_worker(tmp_path):
            pytest.fail("both are at work")
    assert not is_at_work(tmp_path)


def test_what_goes_wrong_at_work_is_not_called_another_worker(tmp_path: Path) -> None:
    """An operator would look for one that isn't there."""
    with pytest.raises(BlockingIOError), only_worker(tmp_path):
        raise BlockingIOError
