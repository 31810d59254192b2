"""The model allows what may be true, and nothing else."""

from __future__ import annotations

import pytest

from tests.torture.facts import Forbidden, Held, Life
from tests.torture.model import Account

OLD, NEW = "het oude", "het nieuwe"


@pytest.fixture
def account() -> Account:
    """One that has a password for certain, and a token that was given for it."""
    return Account("U4BBA0001", "a@example.nl", passwords={OLD}, held=[Held("access", "refresh", OLD)])


def test_its_own_password_is_never_refused(account: Account) -> None:
    """Else an application that is shut out would be no fault."""
    account.refused(NEW)
    with pytest.raises(Forbidden):
        account.refused(OLD)


def test_another_password_is_never_taken(account: Account) -> None:
    """Else a stranger who is let in would be none."""
    account.logged_in(OLD)
    with pytest.raises(Forbidden):
        account.logged_in(NEW)


def test_what_nobody_heard_of_may_be_true_or_not(account: Account) -> None:
    """Until an answer tells which."""
    account.setting_password(NEW)
    assert account.life(account.held[0]) is Life.DOUBTED
    account.refused(OLD)
    assert account.passwords == {NEW}
    with pytest.raises(Forbidden):
        account.token_worked(account.held[0])
    with pytest.raises(Forbidden):
        account.logged_in(OLD)


def test_what_was_acknowledged_is_there(account: Account) -> None:
    """A password that was lost is found, wherever it is looked for."""
    account.setting_password(NEW)
    account.set_password(NEW)
    for lost in (set(), {OLD}):
        with pytest.raises(Forbidden):
            account.seen(there=True, shut=False, taken=lost)
    account.seen(there=True, shut=False, taken={NEW})


def test_who_is_blocked_gets_nothing(account: Account) -> None:
    """A block that was acknowledged holds; afterwards what was given before may be dead."""
    held = account.held[0]
    account.setting_block()
    account.logged_in(OLD)  # just before it
    account.setting_block()
    account.set_block(1.0)
    with pytest.raises(Forbidden):
        account.logged_in(OLD)
    with pytest.raises(Forbidden):
        account.token_worked(held)
    with pytest.raises(Forbidden):
        account.seen(there=True, shut=False, taken=None)
    account.lifting_block()
    account.lifted_block()
    assert held.must_end
    assert account.life(held) is Life.DOUBTED


def test_who_is_gone_gets_nothing(account: Account) -> None:
    """The same for one that was deleted."""
    account.removing()
    account.removed()
    with pytest.raises(Forbidden):
        account.logged_in(OLD)
    with pytest.raises(Forbidden):
        account.seen(there=True, shut=False, taken={OLD})


def test_a_token_lives_as_long_as_nothing_has_happened(account: Account) -> None:
    """Else a token that was lost would be no fault."""
    with pytest.raises(Forbidden):
        account.token_refused(account.held[0])
    account.setting_block()
    account.token_refused(account.held[0])
    assert account.held == []
