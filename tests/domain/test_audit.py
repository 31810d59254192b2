"""Records of the audit are named as they are shown."""

from __future__ import annotations

import pytest

from idp.domain.audit import RecordId


@pytest.mark.parametrize("record", [RecordId("web", 17), RecordId("before", 1)])
def test_a_record_is_found_by_what_is_shown_of_it(record: RecordId) -> None:
    """Whoever pages on from a record, or asks for the one that is broken, would be answered with another."""
    assert RecordId.parse(str(record)) == record


@pytest.mark.parametrize("typed", ["", "web", "web/", "web/seventeen", "web/1/7"])
def test_what_names_no_record_is_refused(typed: str) -> None:
    """A typing error would list the trail from somewhere else."""
    with pytest.raises(ValueError, match=r"unpack|int\(\)"):
        RecordId.parse(typed)
