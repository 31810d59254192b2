"""Whose addresses the logs mask (S35)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.masking import SECRET_PATHS

if TYPE_CHECKING:
    from tests.web.world import World


@pytest.mark.row("S35")
def test_every_address_of_the_pages_with_a_secret_is_masked(world: World) -> None:
    """A new page with a secret in its address must be added to the masked ones, or this fails."""
    paths = [rule.rule for rule in world.page_rules()]
    assert {path.partition("<secret>")[0] for path in paths if "<secret>" in path} == set(SECRET_PATHS)
