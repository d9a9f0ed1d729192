"""The commands about accounts, as they are typed: what they print, what they refuse, and what to do next."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from qa.accounts.model import Role, User
from qa.accounts.store import Accounts
from tests.commands import Ran, Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.people import PASSWORD
from tests.test_qa_cli import fits


@pytest.fixture
def user(run: Run, library: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``krakow-qa user …``, with what is on standard input."""

    def call(*arguments: str, stdin: str = PASSWORD + "\n") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        return run("--library", library, "user", *arguments)

    return call


@pytest.fixture
def ann(user: Run) -> None:
    assert user("add", "ann", "--role", "admin", "--password-stdin").code == 0


def test_the_first_user_is_an_admin_and_what_comes_next_is_said(user: Run, library: Path) -> None:
    assert "krakow-qa user add NAME --role admin" in user("list").out
    refused = user("add", "ann", "--role", "member", "--password-stdin")
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (1, "", 1)
    assert "--role admin" in refused.err
    added = user("add", "ann", "--role", "admin", "--password-stdin")
    assert added.code == 0
    assert added.out.startswith("Added ann as admin.\n")
    assert "krakow-qa serve --host" in added.out
    assert Accounts(library).sign_in("ann", PASSWORD, "here") is not None
    assert user("add", "ben", "--role", "member", "--password-stdin").out == "Added ben as member.\n"


def test_users_are_listed_with_their_roles(user: Run, ann: None) -> None:
    user("add", "ben", "--role", "researcher", "--no-password")
    user("token", "ben")
    assert user("list").out == "ann  admin\nben  researcher  (no password, 1 token)\n"
    listed = user("list", "--json").json
    shape = {"users": [{"name": str, "role": str, "created": str, "password": bool, "tokens": int}]}
    assert fits(listed, shape)
    assert [(each["name"], each["role"], each["password"], each["tokens"]) for each in listed["users"]] == [
        ("ann", "admin", True, 0),
        ("ben", "researcher", False, 1),
    ]


def test_a_role_and_a_password_are_changed_and_a_user_removed(user: Run, ann: None, library: Path) -> None:
    user("add", "ben", "--role", "member", "--password-stdin")
    assert user("role", "ben", "evaluator").code == 0
    assert Accounts(library).user("ben") == User("ben", Role.EVALUATOR)
    assert user("password", "ben", "--password-stdin", stdin="another long password\n").code == 0
    assert Accounts(library).sign_in("ben", "another long password", "here") is not None
    assert user("remove", "ben").out == "Removed ben.\n"
    assert Accounts(library).user("ben") is None


def test_a_token_is_printed_alone_and_once(user: Run, ann: None, library: Path) -> None:
    made = user("token", "ann", "--name", "nightly", "--days", "7")
    key = made.out.strip()
    assert made.out == f"{key}\n"
    assert "not shown again" in made.err
    assert Accounts(library).tokens.user(key) == User("ann", Role.ADMIN)
    listed = user("tokens", "ann")
    assert listed.out.startswith("nightly  until ")
    assert key not in listed.out
    assert fits(user("tokens", "ann", "--json").json, {"tokens": [{"name": str, "created": str, "expires": str}]})
    assert user("tokens", "ann", "--revoke", "nightly").out == "ann has no tokens.\n"
    assert Accounts(library).tokens.user(key) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["remove", "ann"], "Make another admin first"),
        (["role", "ann", "member"], "Make another admin first"),
        (["add", "ann", "--role", "member", "--password-stdin"], "already"),
        (["add", "a b", "--role", "member", "--password-stdin"], "cannot be a user's name"),
        (["remove", "ben"], "krakow-qa user list"),
        (["role", "ben", "member"], "krakow-qa user list"),
        (["password", "ben"], "krakow-qa user list"),
        (["token", "ben"], "krakow-qa user list"),
        (["tokens", "ben"], "krakow-qa user list"),
        (["tokens", "ann", "--revoke", "none"], "krakow-qa user tokens ann"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_line_with_what_next(user: Run, ann: None, arguments: list[str], said: str) -> None:
    ran = user(*arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert said in ran.err


@pytest.mark.parametrize("stdin", ["", "\n", "too short\n"])
def test_a_password_that_is_too_short_is_told_how_long_it_has_to_be(user: Run, ann: None, stdin: str) -> None:
    ran = user("add", "ben", "--role", "member", "--password-stdin", stdin=stdin)
    assert (ran.code, ran.err) == (
        1,
        "krakow-qa: A password has at least 15 characters; several words make a good one\n",
    )


def test_a_typed_password_is_asked_for_twice_and_never_shown(
    user: Run, ann: None, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
    asked: list[str] = []

    def hidden(prompt: str) -> str:
        asked.append(prompt)
        return next(typed)

    monkeypatch.setattr("click.termui.hidden_prompt_func", hidden)
    ran = user("add", "ben", "--role", "member")
    assert (ran.code, ran.out) == (0, "Added ben as member.\n")
    assert "at least 15 characters" in asked[0]
    assert len(asked) == 4
    assert PASSWORD not in ran.out + ran.err
    assert Accounts(library).sign_in("ben", PASSWORD, "here") is not None


def test_a_library_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    ran = run("--library", tmp_path / "none", "user", "list")
    assert ran.code == 1
    assert "Make one: krakow-qa" in ran.err


@pytest.mark.parametrize(("options", "said"), [
    (["--host", "0.0.0.0"], "krakow-qa user add NAME --role admin"), (["--host", "example.org"], "not an IP address"),
    (["--proxy-header", "X-User"], "--proxy-from"),
])  # fmt: skip
def test_serving_others_without_accounts_is_refused_with_what_next(
    run: Run, library: Path, options: list[str], said: str
) -> None:
    ran = run("--library", library, "serve", *options)
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert said in ran.err
