"""The store of accounts: what proves who somebody is, for how long, and what ends it; nothing secret is kept."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.accounts.database import FILE_NAME
from qa.accounts.errors import AccountError, AccountsUnavailable, BadPassword, LastAdmin, UserNotFound
from qa.accounts.model import Right, Role, User
from qa.accounts.passwords import SHORTEST, Passwords
from qa.accounts.store import Accounts
from tests.people import DAY_S, HOUR_S, PASSWORD, WRONG, HandClock, cheap_passwords, some_accounts, staffed

HERE = "192.0.2.7"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def accounts(tmp_path: Path, clock: HandClock) -> Accounts:
    return staffed(tmp_path, clock)


def session(accounts: Accounts, name: str) -> str:
    key = accounts.sign_in(name, PASSWORD, HERE)
    assert key is not None
    return key


def test_roles_have_the_rights_that_they_are_there_for() -> None:
    assert {role: set(role.rights) for role in Role} == {
        Role.MEMBER: {Right.ASK},
        Role.RESEARCHER: {Right.ASK, Right.CHANGE},
        Role.EVALUATOR: {Right.ASK, Right.EVALUATE},
        Role.ADMIN: set(Right),
    }


@settings(max_examples=15)
@given(passwords=st.lists(st.text(min_size=SHORTEST, max_size=40), min_size=2, max_size=2, unique=True))
def test_only_the_password_itself_fits_its_hash(passwords: list[str]) -> None:
    store = cheap_passwords()
    one, other = passwords
    assert store.fits(one, store.hash(one))
    assert not store.fits(other, store.hash(one))
    assert not store.fits(one, None)
    assert one not in store.hash(one)


def test_our_hashes_are_those_that_owasp_recommends() -> None:
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", ["", "short", "x" * (SHORTEST - 1), "x" * 1025])
def test_a_password_that_is_too_short_or_too_long_is_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(BadPassword):
        accounts.add("new", Role.MEMBER, password)
    assert accounts.user("new") is None


def test_nothing_that_lets_anybody_in_is_in_the_file(accounts: Accounts, tmp_path: Path) -> None:
    secrets = [PASSWORD, session(accounts, "member"), accounts.tokens.new("member", "script", 1)]
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [secret for secret in secrets if secret.encode() in kept] == []


def test_the_file_is_its_owners_only(accounts: Accounts, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_reading_makes_no_file(tmp_path: Path, clock: HandClock) -> None:
    accounts = some_accounts(tmp_path, clock)
    assert (accounts.are_there, accounts.all(), accounts.user("ann")) == (False, [], None)
    assert (accounts.tokens.user("x"), accounts.sessions.user("x")) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_the_first_user_is_an_admin(tmp_path: Path, clock: HandClock) -> None:
    accounts = some_accounts(tmp_path, clock)
    with pytest.raises(AccountError, match="--role admin"):
        accounts.add("ann", Role.MEMBER, PASSWORD)
    assert not accounts.are_there
    assert accounts.add("ann", Role.ADMIN, PASSWORD) == User("ann", Role.ADMIN)


@pytest.mark.parametrize("change", [lambda a: a.remove("admin"), lambda a: a.set_role("admin", Role.RESEARCHER)])
def test_the_last_admin_stays_one(accounts: Accounts, change: Callable[[Accounts], None]) -> None:
    key = session(accounts, "admin")
    with pytest.raises(LastAdmin):
        change(accounts)
    assert accounts.sessions.user(key) == User("admin", Role.ADMIN)
    accounts.set_role("member", Role.ADMIN)
    change(accounts)


def test_a_name_is_one_however_it_is_spelt(accounts: Accounts) -> None:
    accounts.add("  Łucja.Nowak@Example ", Role.MEMBER, PASSWORD)
    assert accounts.user("łUCJA.nowak@example") == User("łucja.nowak@example", Role.MEMBER)
    with pytest.raises(AccountError, match="already"):
        accounts.add("ŁUCJA.NOWAK@EXAMPLE", Role.MEMBER, PASSWORD)
    assert session(accounts, "Łucja.Nowak@example")


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "<b>", "a\nb", "-a", "x" * 65, "a'; DROP TABLE users"])
def test_what_is_no_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="cannot be a user's name"):
        accounts.add(name, Role.MEMBER, PASSWORD)


@pytest.mark.parametrize("use", [
    lambda a: a.remove("nobody"), lambda a: a.set_role("nobody", Role.MEMBER), lambda a: a.tokens.of("nobody"),
    lambda a: a.set_password("nobody", PASSWORD), lambda a: a.tokens.new("nobody", "x", 1),
    lambda a: a.tokens.revoke("nobody", "x"), lambda a: a.require_user("nobody"),
])  # fmt: skip
def test_an_unknown_user_is_named(accounts: Accounts, use: Callable[[Accounts], object]) -> None:
    with pytest.raises(UserNotFound, match="no user nobody"):
        use(accounts)


def test_who_has_no_password_signs_in_with_none(accounts: Accounts) -> None:
    accounts.add("proxied", Role.MEMBER, None)
    assert [accounts.sign_in("proxied", said, HERE) for said in ("", PASSWORD)] == [None, None]


# Sessions


def test_a_session_is_its_users_until_it_is_not_used_any_more(accounts: Accounts, clock: HandClock) -> None:
    key = session(accounts, "member")
    for _ in range(5):
        clock.go_on(1.9 * HOUR_S)
        assert accounts.sessions.user(key) == User("member", Role.MEMBER)
        accounts.sessions.used(key)
    clock.go_on(1.9 * HOUR_S)
    assert accounts.sessions.user(key) is not None  # which is no use of it
    clock.go_on(0.11 * HOUR_S)
    assert accounts.sessions.user(key) is None
    accounts.sessions.used(key)
    assert accounts.sessions.user(key) is None


def test_a_session_that_is_always_used_ends_all_the_same(accounts: Accounts, clock: HandClock) -> None:
    key = session(accounts, "member")
    hours = 0
    while accounts.sessions.user(key) is not None:
        accounts.sessions.used(key)
        clock.go_on(HOUR_S)
        hours += 1
    assert hours == 12


@pytest.mark.parametrize(("change", "goes_on"), [
    (lambda a: a.set_password("member", WRONG), False), (lambda a: a.set_role("member", Role.EVALUATOR), False),
    (lambda a: a.remove("member"), False), (lambda a: a.set_password("admin", WRONG), True),
    (lambda a: a.remove("evaluator"), True),
], ids=["password", "role", "removed", "another's password", "another removed"])  # fmt: skip
def test_sessions_end_when_their_user_changes(
    accounts: Accounts, change: Callable[[Accounts], None], goes_on: bool
) -> None:
    keys = [session(accounts, "member") for _ in range(2)]
    change(accounts)
    assert [accounts.sessions.user(key) is not None for key in keys] == [goes_on] * 2


def test_signing_out_ends_one_session(accounts: Accounts) -> None:
    one, other = session(accounts, "member"), session(accounts, "member")
    accounts.sessions.end(one)
    assert accounts.sessions.user(one) is None
    assert accounts.sessions.user(other) is not None


def test_a_session_is_not_begun_with_a_password_that_was_just_changed(tmp_path: Path, clock: HandClock) -> None:
    class Slow(Passwords):
        """Finds the password right, and meanwhile it is changed."""

        def fits(self, password: str, hash: str | None) -> bool:
            staff.set_password("member", WRONG)
            return True

    staff = staffed(tmp_path, clock)
    assert Accounts(tmp_path, passwords=Slow(), clock=clock).sign_in("member", PASSWORD, HERE) is None


# Tokens


def test_a_token_is_its_users_until_it_expires_or_is_taken_back(accounts: Accounts, clock: HandClock) -> None:
    one, other = accounts.tokens.new("member", "one", 30), accounts.tokens.new("member", "other", 90)
    assert accounts.tokens.user(one) == accounts.tokens.user(other) == User("member", Role.MEMBER)
    accounts.set_role("member", Role.RESEARCHER)
    assert accounts.tokens.user(one) == User("member", Role.RESEARCHER)
    clock.go_on(30 * DAY_S)
    assert accounts.tokens.user(one) is None
    assert accounts.tokens.user(other) is not None
    accounts.tokens.revoke("member", "other")
    assert accounts.tokens.user(other) is None
    assert [token.name for token in accounts.tokens.of("member")] == ["one"]


def test_a_removed_users_tokens_are_nobodys_even_when_the_name_comes_back(accounts: Accounts) -> None:
    key = accounts.tokens.new("member", "one", 30)
    accounts.remove("member")
    accounts.add("member", Role.MEMBER, PASSWORD)
    assert accounts.tokens.user(key) is None


def test_keys_are_never_alike_and_none_is_anothers(accounts: Accounts) -> None:
    keys = [accounts.tokens.new("member", f"number {number}", 1) for number in range(20)]
    assert len(set(keys)) == 20
    assert min(map(len, keys)) == 43
    assert accounts.sessions.user(keys[0]) is None
    assert accounts.tokens.user(session(accounts, "member")) is None


# The file


def test_another_process_sees_every_change_at_once(accounts: Accounts, tmp_path: Path, clock: HandClock) -> None:
    other = some_accounts(tmp_path, clock)
    key = session(accounts, "member")
    assert other.sessions.user(key) == User("member", Role.MEMBER)
    other.remove("member")
    assert accounts.sessions.user(key) is None


def test_a_change_that_fails_changes_nothing(accounts: Accounts, tmp_path: Path) -> None:
    before = accounts.all()
    with pytest.raises(AccountError):
        accounts.add("member", Role.ADMIN, PASSWORD)
    with pytest.raises(LastAdmin):
        accounts.remove("admin")
    assert accounts.all() == before


def test_a_damaged_file_is_named(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database, whatever its name may say" * 40)
    accounts = some_accounts(tmp_path, clock)
    for use in (lambda: accounts.are_there, lambda: accounts.add("ann", Role.ADMIN, PASSWORD)):
        with pytest.raises(AccountsUnavailable, match=FILE_NAME):
            use()
