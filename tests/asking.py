"""Questions over HTTP: to the chat, as the page asks it and without a browser, and to the API."""

from __future__ import annotations

import json
import time
from typing import Any, Self

import httpx


class ChatClient:
    """Asks as the page does: events join a queue by their number, and a stream tells what becomes of them."""

    def __init__(self, url: str, client: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._api = f"{url}/gradio_api/queue"
        self._own = {"Origin": url}
        self._client = client
        (box,) = (each["id"] for each in config["components"] if each["props"].get("elem_id") == "question")
        asking = next(each for each in config["dependencies"] if [box, "submit"] in each["targets"])
        self._ask, self._nothing_else = asking["id"], [None] * (len(asking["inputs"]) - 1)

    @classmethod
    async def at(cls, url: str, client: httpx.AsyncClient) -> Self:
        """The chat of the page at a URL."""
        return cls(url, client, (await client.get(f"{url}/config")).json())

    async def send(self, question: str, session: str) -> None:
        """Have a question wait for its answer; raises httpx.HTTPError."""
        body = {"data": [question, *self._nothing_else], "fn_index": self._ask, "session_hash": session}
        (await self._client.post(f"{self._api}/join", json=body, headers=self._own)).raise_for_status()

    async def ask(self, question: str, session: str) -> tuple[float, str]:
        """When the question waited, and the conversation with its answer; raises ValueError or httpx.HTTPError."""
        await self.send(question, session)
        joined = time.perf_counter()
        async with self._client.stream("GET", f"{self._api}/data", params={"session_hash": session}) as stream:
            async for line in stream.aiter_lines():
                told = json.loads(line.removeprefix("data: ") or "{}")
                if told.get("msg") == "process_completed":
                    if not told["success"]:
                        raise ValueError(f"the event failed: {told['output']}")
                    return joined, str(told["output"]["data"][2])
        raise ValueError("the stream ended without an answer")


class ApiClient:
    """Asks as programs do: a request for each question."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = f"{url}/api/v1/ask"
        self._client = client

    async def ask(self, question: str) -> tuple[float, dict[str, Any]]:
        """When the question was sent, and its answer; raises httpx.HTTPError."""
        sent = time.perf_counter()
        response = await self._client.post(self._url, json={"question": question})
        answer: dict[str, Any] = response.raise_for_status().json()
        return sent, answer
