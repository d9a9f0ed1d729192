"""History and links through the server: what is kept for two users, who sees it, and what a link opens by then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.accounts.store import Accounts
from qa.assembly import Parts
from qa.conversation.feedback import Feedback, Verdict
from qa.conversation.shelves import conversations_in
from qa.evaluation.sets.own import read_own
from qa.web.admission import Admission
from tests.conftest import MakeParts, put
from tests.people import PASSWORD, HandClock, staffed
from tests.test_conversation_kept import HUB, LEAP, QUESTION
from tests.web import serving


class Visitor:
    """Somebody with an open page, who causes its events as a browser would."""

    def __init__(self, url: str, cookie: str | None, session: str) -> None:
        headers = {"Origin": url} | ({} if cookie is None else {"Cookie": f"krakow-qa={cookie}"})
        self.client = httpx.Client(base_url=url, headers={**headers, "Connection": "close"}, timeout=60)
        self._session = session
        self._config = self.client.get("/config").json()

    def event(self, elem_id: str, name: str, *data: Any) -> list[Any]:
        """What becomes of an event of a component, without what comes after it; raises ValueError where it failed."""
        return self._cause(self._of(elem_id, name)["id"], list(data))

    def loaded(self, kept: Any = None) -> list[Any]:
        """The list of conversations as the page has it when it is opened."""
        earlier = self._id("earlier")
        loads = (
            each["id"]
            for each in self._config["dependencies"]
            if earlier in each["outputs"] and any(target[1] == "load" for target in each["targets"])
        )
        return self._cause(next(loads), [kept])

    def unfolded(self, part: str) -> list[Any]:
        """What a part shows as soon as it is unfolded."""
        id = next(each["id"] for each in self._config["components"] if each["props"].get("label") == part)
        chosen = next(each["id"] for each in self._config["dependencies"] if [id, "expand"] in each["targets"])
        return self._cause(chosen, [])

    def ask(self, question: str, kept: Any = None, only: tuple[Any, ...] = (None,) * 5) -> tuple[str, list[Any]]:
        """The conversation after a question, and the list with it; ``only`` are the sources as they are chosen."""
        asked = self._of("question", "submit")["id"]
        after = next(each["id"] for each in self._config["dependencies"] if each["trigger_after"] == asked)
        shown = self._cause(asked, [question, None, *only])[2]
        return shown, self._cause(after, [None, kept])

    def _id(self, elem_id: str) -> int:
        return next(each["id"] for each in self._config["components"] if each["props"].get("elem_id") == elem_id)

    def _of(self, elem_id: str, name: str) -> Any:
        target = [self._id(elem_id), name]
        return next(each for each in self._config["dependencies"] if target in each["targets"])

    def _cause(self, number: int, data: list[Any]) -> list[Any]:
        body = json.dumps({"data": data, "fn_index": number, "session_hash": self._session})
        said = {"Content-Type": "application/json"}
        self.client.post("/gradio_api/queue/join", content=body, headers=said).raise_for_status()
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session}) as stream:
            for line in stream.iter_lines():
                told = json.loads(line.removeprefix("data: ") or "{}")
                if told.get("msg") == "process_completed":
                    if not told["success"]:
                        raise ValueError(told["output"]["error"])
                    return list(told["output"]["data"])
        raise ValueError("the stream ended")


def choices(listed: list[Any]) -> list[list[str]]:
    """The conversations to choose from: label and id of each."""
    return list(listed[2]["choices"])


def link_in(shown: str) -> str:
    (link,) = re.findall(r'data-link="([^"]+)"', shown)
    return str(link)


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(hub=HUB, leap=LEAP)


@pytest.fixture
def accounts(parts: Parts) -> Accounts:
    return staffed(parts.folder, HandClock())


@pytest.fixture
def served(parts: Parts, accounts: Accounts) -> Iterator[str]:
    with serving(parts, Admission(accounts)) as url:
        yield url


def signed_in(url: str, accounts: Accounts, name: str, page: str = "1") -> Visitor:
    return Visitor(url, accounts.sign_in(name, PASSWORD, "192.0.2.1"), f"{name}-{page}")


def test_a_conversation_survives_a_reload_and_nobody_else_sees_it(served: str, accounts: Accounts) -> None:
    member, admin = signed_in(served, accounts, "member"), signed_in(served, accounts, "admin")
    _, listed = member.ask(QUESTION)
    ((label, id),) = choices(listed)
    assert label.startswith(QUESTION)
    assert label.endswith("· 1 question")
    assert "__type__" in str(listed[0])  # nothing goes into the browser of somebody who has an account
    again = signed_in(served, accounts, "member", page="2")
    assert choices(again.loaded()) == [[label, id]]
    assert choices(admin.loaded()) == []
    with pytest.raises(ValueError, match=r"not in the list|not kept any more"):
        admin.event("open-earlier", "click", id, None)
    shown = again.event("open-earlier", "click", id, None)[2]
    assert "210 soldiers" in shown
    assert "Asked on" in shown
    assert "changed since" not in shown
    assert choices(again.event("delete-earlier", "click", id, None)) == []
    assert choices(member.loaded()) == []


def test_a_conversation_that_was_opened_again_goes_on(served: str, accounts: Accounts) -> None:
    member = signed_in(served, accounts, "member")
    member.ask(QUESTION)
    again = signed_in(served, accounts, "member", page="2")
    ((_, id),) = choices(again.loaded())
    again.event("open-earlier", "click", id, None)
    shown, listed = again.ask("What does the LEAP programme cost?")
    assert shown.count('<article class="turn"') == 2
    ((label, same),) = choices(listed)
    assert same == id
    assert label.endswith("· 2 questions")
    assert choices(again.event("yes-delete-all", "click", None)) == []


def test_at_home_the_browser_keeps_it_and_the_server_nothing(parts: Parts) -> None:
    with serving(parts) as url:
        home = Visitor(url, None, "one")
        _, listed = home.ask(QUESTION)
        kept = listed[0]
        assert "soldiers" in kept[0]["turns"][0]  # of the question
        assert "nations" not in kept[0]["turns"][0]
        reloaded = Visitor(url, None, "two")
        assert choices(reloaded.loaded(None)) == []
        ((_, id),) = choices(reloaded.loaded(kept))
        assert "210 soldiers" in reloaded.event("open-earlier", "click", id, kept)[2]
        assert reloaded.event("delete-earlier", "click", id, kept)[0] == []
    assert not (parts.folder / "conversations.sqlite").exists()


def test_a_link_opens_the_answer_for_whoever_may_ask_and_is_ended_by_its_maker(
    parts: Parts, accounts: Accounts
) -> None:
    with serving(parts, Admission(accounts)) as url:
        member, admin = signed_in(url, accounts, "member"), signed_in(url, accounts, "admin")
        link = link_in(member.ask(QUESTION)[0])
        assert member.client.get(link).status_code == 404  # before it is made
        assert admin.client.post(link).status_code == 410  # who was never shown the answer
        assert member.client.post(link).status_code == 201
        assert member.client.post(link).status_code == 201
    with serving(parts, Admission(accounts)) as url:  # started anew
        member, admin = signed_in(url, accounts, "member"), signed_in(url, accounts, "admin")
        seen = admin.client.get(link)
        assert seen.status_code == 200
        assert "210 soldiers" in seen.text
        assert f"{link}/end" not in seen.text
        (listed,) = member.unfolded("Links to answers")
        assert f'<a href="{link}"' in listed
        assert QUESTION in listed
        assert "There are none" in admin.unfolded("Links to answers")[0]
        assert f"{link}/end" in member.client.get(link).text
        assert httpx.get(url + link).status_code == 401
        assert admin.client.post(f"{link}/end").status_code == 404
        assert member.client.post(f"{link}/end").status_code == 303
        assert admin.client.get(link).status_code == 404
        assert "There are none" in member.unfolded("Links to answers")[0]


def test_a_link_tells_that_a_source_was_changed_withdrawn_and_purged(parts: Parts, tmp_path: Path) -> None:
    with serving(parts) as url:
        home = Visitor(url, None, "one")
        link = link_in(home.ask(QUESTION)[0])
        assert home.client.post(link).status_code == 201
        assert "changed since" not in home.client.get(link).text
        parts.library.withdraw("hub")
        parts.refresh()
        seen = home.client.get(link).text
        assert "its document was withdrawn" in seen
        assert "210 soldiers" in seen
        put(parts, tmp_path, "hub", HUB.replace("210", "220"))
        seen = home.client.get(link).text
        assert "its document has a newer text" in seen
        parts.purge("hub")
        seen = home.client.get(link).text
        assert "its document was purged" in seen
        assert "210" not in seen


@pytest.mark.parametrize("case", [
    ("right", QUESTION, True), ("wrong", QUESTION, True), ("otherwise", QUESTION, True),
    ("right", "Who won the chess cup?", False),
])  # fmt: skip
def test_what_is_said_of_an_answer_is_reviewed_and_becomes_an_entry_of_a_set(
    parts: Parts, served: str, accounts: Accounts, tmp_path: Path, case: tuple[str, str, bool]
) -> None:
    verdict, question, answerable = case
    member, evaluator = signed_in(served, accounts, "member"), signed_in(served, accounts, "evaluator")
    member.ask(question)
    told = member.event(f"feedback-{verdict}", "click", "Because <b>of</b> it", None)
    assert "Thank you" in told[2]
    (opinion,) = Feedback(conversations_in(parts.folder)).all()
    assert (opinion.user, opinion.verdict, opinion.turn.question) == ("member", Verdict[verdict.upper()], question)
    assert opinion.turn.generation == parts.library.generation()
    path = f"/feedback/{opinion.id}/entry"
    assert member.client.get(path).status_code == 403
    given = evaluator.client.get(path)
    assert "attachment" in given.headers["content-disposition"]
    (file := tmp_path / "set.jsonl").write_bytes(given.content)
    (entry,) = read_own(file, parts.library)
    assert (entry.text, entry.answerable, entry.note) == (question, answerable, "Because <b>of</b> it")
    assert bool(entry.evidence) == (verdict == "right" and answerable)
    choices, shown, _ = evaluator.unfolded("Feedback")
    assert len(choices["choices"]) == 1
    assert "Because &lt;b&gt;of&lt;/b&gt; it" in shown
    assert question in shown
    assert evaluator.event("delete-opinion", "click", opinion.id)[0]["choices"] == []


def test_nothing_is_said_of_no_answer(served: str, parts: Parts, accounts: Accounts) -> None:
    signed_in(served, accounts, "member").event("feedback-right", "click", "", None)
    assert Feedback(conversations_in(parts.folder)).all() == []
