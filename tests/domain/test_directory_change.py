"""What is known of a change that somebody else made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp.domain.directory_change import DirectoryChange, Kind, What

CHANGE = DirectoryChange(
    position="20261124120000.000000Z#000000#000#000000",
    at=datetime(2026, 11, 24, 12, tzinfo=UTC),
    who="cn=admin,dc=u4bsw,dc=nl",
    by_service=False,
    what=What.MODIFIED,
    kind=Kind.OWNER,
    dn="uid=anna,ou=people,dc=u4bsw,dc=nl",
    entry_uuid="0b6a6f7e-0000-1041-91b3-0dff3b3bf1ae",
    changed=("mail", "pwdEndTime"),
    before={"mail": ("anna@example.nl", "anna@example.org"), "owner": ()},
    after={"mail": ("anna@bakkerij.example",), "pwdEndTime": ()},
)


@pytest.mark.row("R25")
def test_the_former_address_is_the_one_that_is_told() -> None:
    """Told to the new one, whoever was moved away from would never hear of it."""
    assert CHANGE.former("mail") == "anna@example.nl"
    assert CHANGE.new("mail") == "anna@bakkerij.example"


@pytest.mark.parametrize("attribute", ["owner", "pwdEndTime", "uid"])
def test_what_had_no_value_or_is_not_known_is_none(attribute: str) -> None:
    """A value that was taken away must not read as one that stands."""
    assert CHANGE.former(attribute) is None
    assert CHANGE.new(attribute) is None
