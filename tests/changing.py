"""A process that goes on changing a library until it is told to stop or killed, and a chronicle of what it did.

    python changing.py FOLDER SEED PAUSE_S DO...

does one of DO at a time (add, replace, again, withdraw, purge), each to one document, with so long a pause after it.
It prints a line of JSON after each: the generation, the document, and the version that is current from then on, if any.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import corpus.reading
from corpus.errors import LibraryError
from corpus.files import File
from corpus.sqlite.database import LOG_KEPT
from index.intake import IfChanged
from qa.assembly import Parts, assemble, open_library
from qa.settings import Settings
from tests.serving import encoder_in_use
from tests.worker import ParsesItself, say

IDS = [f"d{number}" for number in range(24)]
PARAGRAPHS = 6
_CARGOES = "salt amber timber copper grain wool herring flax iron wax glass pitch hemp coal tea silk".split()
_NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()


def text_of(random: Random, id: str) -> str:
    """A new text for a document: what its barges carry today."""
    lines = (
        f"Barge {number} of convoy {id} carries {random.choice(_NUMBERS)} tonnes of {random.choice(_CARGOES)}"
        f" to berth {random.randrange(10**6)}. Its captain expects fog."
        for number in range(PARAGRAPHS)
    )
    return "\n\n".join([f"# Convoy {id}", *lines])


def question_of(random: Random) -> str:
    """One that a text answers, where its document is current."""
    return f"What does barge {random.randrange(PARAGRAPHS)} of convoy {random.choice(IDS)} carry?"


class Chronicle:
    """From which generation on which version of a document was current, as the process told it."""

    def __init__(self) -> None:
        self.generation = 0
        self._told: dict[str, list[tuple[int, str | None]]] = defaultdict(list)

    def tell(self, line: str) -> None:
        generation, id, version = json.loads(line)
        self._told[id].append((generation, version))
        self.generation = generation

    def current(self, generation: int) -> dict[str, str]:
        """The current versions by document, as they were at a generation."""
        latest = {id: [version for at, version in told if at <= generation][-1:] for id, told in self._told.items()}
        return {id: version for id, versions in latest.items() for version in versions if version is not None}

    def was_current(self, id: str, version: str, since: int, until: int) -> bool:
        """Whether a version was the current one at any of these generations; ``version`` may be its first digits."""
        told = self._told[id]
        before = [each for at, each in told if at <= since][-1:]
        within = [each for at, each in told if since < at <= until]
        return any(each is not None and each.startswith(version) for each in before + within)


@contextmanager
def changing(folder: Path, seed: int, pause_s: float, *does: str) -> Iterator[tuple[Chronicle, subprocess.Popen[str]]]:
    """The process at work, and its chronicle, which is complete as soon as it has ended; it is told to stop at the end.

    Raises ValueError where it failed before it was told to stop or killed.
    """
    command = [sys.executable, __file__, str(folder), str(seed), str(pause_s), *does]
    chronicle = Chronicle()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        listening = threading.Thread(target=lambda: [chronicle.tell(line) for line in process.stdout or ()])
        listening.start()
        try:
            yield chronicle, process
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()
            listening.join()
    if process.returncode > 0:
        raise ValueError(f"the changes ended with {process.returncode}")


def purge(parts: Parts, id: str) -> None:
    """Purge a document, which is done also where a reader of long keeps its log from being emptied, as the error says.

    A backup that is held up until something changes is such a reader, where it began amid a purge.
    """
    try:
        parts.purge(id)
    except LibraryError as error:
        if LOG_KEPT not in str(error):
            raise


def main(folder: str, seed: str, pause_s: str, *does: str) -> None:
    """Change until standard input ends."""
    corpus.reading.parsers = ParsesItself
    random = Random(int(seed))
    parts = assemble(open_library(Path(folder)), Path(folder), encoder_in_use(), Settings())
    texts: dict[str, list[str]] = defaultdict(list)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        current = {entry.id for entry in parts.library.entries()}
        do, id = random.choice(does), random.choice(IDS)
        if (do == "add") == (id in current) and do != "again":
            continue
        if do in {"withdraw", "purge"}:
            parts.library.withdraw(id) if do == "withdraw" else purge(parts, id)
            version = None
        else:
            text = random.choice(texts[id]) if do == "again" and texts[id] else text_of(random, id)
            texts[id] = [*texts[id][-3:], text]
            data = text.encode()
            (added,) = parts.intake.add([File(id, f"{id}.md", lambda data=data: data, {"id": id})], IfChanged.REPLACE)
            if added.error is not None:
                raise SystemExit(added.error)
            version = parts.library.document(id).version
        parts.refresh()
        say(json.dumps([parts.library.generation(), id, version]))
        time.sleep(float(pause_s))
    parts.library.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
