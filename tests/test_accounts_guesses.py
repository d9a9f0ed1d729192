"""Guesses at passwords: held to the stated rate whatever is tried, and telling nobody which users there are."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from qa.accounts.bounds import Bounds
from qa.accounts.guesses import TooManyGuesses
from qa.accounts.model import Role
from qa.accounts.passwords import Passwords
from qa.accounts.store import Accounts
from tests.people import PASSWORD, WRONG, HandClock, some_accounts, staffed

BOUNDS = Bounds()
WINDOW_S = BOUNDS.guess_minutes * 60
GUESSES = 10_000


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def accounts(tmp_path: Path, clock: HandClock) -> Accounts:
    return staffed(tmp_path, clock)


def is_heard(accounts: Accounts, name: str, address: str, password: str = WRONG) -> bool:
    """Whether a wrong guess was looked at, rather than refused."""
    try:
        assert accounts.sign_in(name, password, address) is None
    except TooManyGuesses:
        return False
    return True


def most_within_the_window(times: list[float]) -> int:
    """The most of these times that lie in one window; they are in order."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - WINDOW_S:
            first += 1
        most = max(most, last - first + 1)
    return most


def at_most(seconds: float, bound: int) -> int:
    """How many guesses the rate allows in so many seconds."""
    return bound * (math.floor(seconds / WINDOW_S) + 1)


def test_the_stated_rate_is_ten_for_a_name_and_thirty_for_an_address_in_fifteen_minutes() -> None:
    assert Bounds(guesses_per_user=10, guesses_per_address=30, guess_minutes=15.0) == BOUNDS


@pytest.mark.parametrize(("guesses", "each_s"), [(300, 7.0), pytest.param(GUESSES, 1.0, marks=pytest.mark.long)])
def test_guesses_at_one_name_from_one_address_are_held_to_the_rate(
    accounts: Accounts, clock: HandClock, guesses: int, each_s: float
) -> None:
    heard = []
    for _ in range(guesses):
        if is_heard(accounts, "admin", "192.0.2.1"):
            heard.append(clock.now_s)
        clock.go_on(each_s)
    assert most_within_the_window(heard) == BOUNDS.guesses_per_user
    assert len(heard) == at_most((guesses - 1) * each_s, BOUNDS.guesses_per_user)


@pytest.mark.parametrize(("guesses", "each_s"), [(300, 7.0), pytest.param(GUESSES, 1.0, marks=pytest.mark.long)])
def test_many_names_from_one_address_are_held_to_the_rate_of_the_address(
    accounts: Accounts, clock: HandClock, guesses: int, each_s: float
) -> None:
    heard = []
    for number in range(guesses):
        if is_heard(accounts, f"user{number}", "192.0.2.1"):
            heard.append(clock.now_s)
        clock.go_on(each_s)
    assert most_within_the_window(heard) == BOUNDS.guesses_per_address
    assert len(heard) == at_most((guesses - 1) * each_s, BOUNDS.guesses_per_address)


@pytest.mark.parametrize(("guesses", "each_s"), [(300, 7.0), pytest.param(GUESSES, 1.0, marks=pytest.mark.long)])
def test_one_name_from_many_addresses_is_held_to_the_rate_of_the_name(
    accounts: Accounts, clock: HandClock, guesses: int, each_s: float
) -> None:
    heard = []
    for number in range(guesses):
        if is_heard(accounts, "admin", f"10.{number // 62_500}.{number // 250 % 250}.{number % 250}"):
            heard.append(clock.now_s)
        clock.go_on(each_s)
    assert most_within_the_window(heard) == BOUNDS.guesses_per_user
    assert len(heard) == at_most((guesses - 1) * each_s, BOUNDS.guesses_per_user)


@pytest.mark.parametrize("guesses", [500, pytest.param(GUESSES, marks=pytest.mark.long)])
def test_no_mixture_of_names_addresses_and_right_passwords_passes_the_bounds(
    accounts: Accounts, clock: HandClock, guesses: int
) -> None:
    choose = random.Random(7)
    by_name: dict[str, list[float]] = {}
    by_address: dict[str, list[float]] = {}
    for _ in range(guesses):
        name, address = choose.choice(["admin", "member", "nobody"]), f"192.0.2.{choose.randrange(6)}"
        if choose.random() < 0.2:  # whoever has an account of his own signs in between his guesses
            with suppress(TooManyGuesses):
                assert accounts.sign_in("evaluator", PASSWORD, address) is not None
        if is_heard(accounts, name, address):
            by_name.setdefault(name, []).append(clock.now_s)
            by_address.setdefault(address, []).append(clock.now_s)
        clock.go_on(choose.expovariate(1 / 20))
    assert max(map(most_within_the_window, by_name.values())) == BOUNDS.guesses_per_user
    assert max(map(most_within_the_window, by_address.values())) <= BOUNDS.guesses_per_address


def test_guesses_made_at_once_are_held_to_the_bound_too(accounts: Accounts, tmp_path: Path, clock: HandClock) -> None:
    processes = [accounts, some_accounts(tmp_path, clock)]
    with ThreadPoolExecutor(16) as pool:
        heard = pool.map(lambda number: is_heard(processes[number % 2], "admin", f"192.0.2.{number}"), range(64))
        assert sum(heard) == BOUNDS.guesses_per_user


def test_a_restart_forgives_nothing(accounts: Accounts, tmp_path: Path, clock: HandClock) -> None:
    for _ in range(BOUNDS.guesses_per_user):
        assert is_heard(accounts, "admin", "192.0.2.1")
    assert not is_heard(some_accounts(tmp_path, clock), "admin", "192.0.2.2")


def test_a_locked_name_takes_not_even_its_password_and_says_when_it_will(accounts: Accounts, clock: HandClock) -> None:
    for _ in range(BOUNDS.guesses_per_user):
        is_heard(accounts, "admin", "192.0.2.1")
        clock.go_on(30)
    with pytest.raises(TooManyGuesses, match="Try again in 10 minutes") as refused:
        accounts.sign_in("admin", PASSWORD, "192.0.2.9")
    assert refused.value.retry_after_s == 600
    clock.go_on(599)
    with pytest.raises(TooManyGuesses, match="Try again in 1 minute,"):
        accounts.sign_in("admin", PASSWORD, "192.0.2.9")
    clock.go_on(1)
    assert accounts.sign_in("admin", PASSWORD, "192.0.2.9") is not None


def test_a_new_password_set_by_an_admin_opens_the_lock(accounts: Accounts) -> None:
    while is_heard(accounts, "Member", "192.0.2.1"):
        pass
    accounts.set_password("member", PASSWORD + "!")
    assert accounts.sign_in("member", PASSWORD + "!", "192.0.2.1") is not None


def test_right_passwords_are_no_guesses(accounts: Accounts) -> None:
    for _ in range(2 * BOUNDS.guesses_per_address):
        assert accounts.sign_in("member", PASSWORD, "192.0.2.1") is not None


@pytest.mark.parametrize(("one", "other", "are_one"), [
    ("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", True), ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
    ("::ffff:192.0.2.1", "192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False), ("unix", "unix", True),
])  # fmt: skip
def test_an_ipv6_network_counts_as_one_address(accounts: Accounts, one: str, other: str, are_one: bool) -> None:
    for number in range(BOUNDS.guesses_per_address):
        assert is_heard(accounts, f"user{number}", one)
    assert is_heard(accounts, "somebody", other) is not are_one


def test_a_sample_with_the_real_hashes(tmp_path: Path, clock: HandClock) -> None:
    accounts = Accounts(tmp_path, clock=clock)
    accounts.add("admin", Role.ADMIN, PASSWORD)
    heard = [is_heard(accounts, "admin", "192.0.2.1") for _ in range(2 * BOUNDS.guesses_per_user)]
    assert Counter(heard) == {True: BOUNDS.guesses_per_user, False: BOUNDS.guesses_per_user}


# Nobody is told which users there are


class CountingPasswords(Passwords):
    """Notes the hash that each password was held against, as argon2 was given it."""

    def __init__(self, passwords: Passwords) -> None:
        super().__init__(passwords._hasher)
        self.verified: list[str] = []
        verify = passwords._hasher.verify

        class Noting:
            hash = passwords._hasher.hash

            def verify(_, hash: str, password: bytes) -> bool:  # noqa: N805
                self.verified.append(hash)
                return verify(hash, password)

        self._hasher = Noting()  # type: ignore[assignment]


def test_a_name_that_nobody_has_costs_one_verification_of_the_same_kind(tmp_path: Path, clock: HandClock) -> None:
    staffed(tmp_path, clock).add("proxied", Role.MEMBER, None)
    counting = CountingPasswords(Passwords())
    accounts = Accounts(tmp_path, passwords=counting, clock=clock)
    accounts.set_password("admin", PASSWORD)
    costs = {}
    for name in ("admin", "nobody", "proxied"):
        counting.verified.clear()
        assert accounts.sign_in(name, WRONG, "192.0.2.1") is None
        costs[name] = [hash.rsplit("$", 2)[0] for hash in counting.verified]
    assert costs["admin"] == costs["nobody"] == costs["proxied"]
    assert costs["admin"] == ["$argon2id$v=19$m=19456,t=2,p=1"]


def test_the_lock_is_the_same_for_a_name_that_nobody_has(accounts: Accounts) -> None:
    told = {}
    for number, name in enumerate(("admin", "nobody")):
        heard = [is_heard(accounts, name, f"192.0.2.{number}") for _ in range(12)]
        with pytest.raises(TooManyGuesses) as refused:
            accounts.sign_in(name, WRONG, f"192.0.2.{number}")
        told[name] = (heard, str(refused.value))
    assert told["admin"] == told["nobody"]


@pytest.mark.long
def test_the_time_that_a_refusal_takes_does_not_tell_whether_there_is_such_a_user(
    tmp_path: Path, clock: HandClock
) -> None:
    """Of 200 pairs in alternating order the user's takes longer as often as a coin falls, within 3.3 sigma."""
    accounts = Accounts(tmp_path, clock=clock)
    accounts.add("admin", Role.ADMIN, PASSWORD)
    pairs = []
    for number in range(200):
        took = {}
        for name in ("admin", "nobody") if number % 2 else ("nobody", "admin"):
            begun = time.perf_counter()
            accounts.sign_in(name, WRONG, f"10.0.0.{number}")
            took[name] = time.perf_counter() - begun
            clock.go_on(WINDOW_S)
        pairs.append((took["admin"], took["nobody"]))
    longer = sum(known > unknown for known, unknown in pairs)
    known_s, unknown_s = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(
        f"\nknown {known_s * 1000:.2f} ms, unknown {unknown_s * 1000:.2f} ms (medians); known longer in {longer} of 200"
    )
    assert abs(longer - 100) <= 3.3 * math.sqrt(200) / 2
