"""A process of a crowd at one library in PostgreSQL: it writes documents until it is killed, or reads and finds faults.

python crowd.py write URL NAME SEED     prints what it is about to do and what is done, a line of JSON each
python crowd.py read URL SEED           prints a line for each fault, and how often it asked when its input ends
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus.cutting import cut
from corpus.errors import DocumentNotFound
from corpus.library import Provenance, State
from corpus.model import Document, Source
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from index.in_postgres import PostgresKeywords, PostgresVectors
from index.retriever import Retriever
from index.search import found_by
from tests.fakes import HashEncoder

_ENCODER = HashEncoder()
_CARGOES = "salt amber timber copper grain wool herring flax iron wax glass pitch".split()
_DOCUMENTS = 12


def text_of(random: Random, id: str) -> str:
    """A text of some passages, each of which names its document and one number that all of them share."""
    number = random.randrange(10**9)
    return "\n\n".join(f"Convoy {id} of voyage {number} carries {random.choice(_CARGOES)}." for _ in range(8))


def write(url: str, name: str, seed: str) -> None:
    """Add, replace and withdraw documents of one's own, for ever."""
    library, random = PostgresLibrary(Dsn(url)), Random(int(seed))
    while True:
        id = f"{name}-{random.randrange(_DOCUMENTS)}"
        entry = library.entry(id)
        current = entry.version if entry is not None and entry.state is State.CURRENT else None
        if current is not None and random.random() < 0.2:
            say("begun", id, None)
            library.withdraw(id)
            say("done", id, None)
            continue
        document = Document.of(id, Source(id), text_of(random, id))
        passages = cut(document, 12, _ENCODER.count_tokens)
        vectors = _ENCODER.encode([found_by(passage) for passage in passages])
        say("begun", id, document.version)
        library.add(document, passages, vectors, Provenance("", "", "crowd/1"), replacing=current)
        say("done", id, document.version)


def read(url: str, seed: str) -> None:
    """Search, and hold what is found against the documents, until the input ends."""
    library, random = PostgresLibrary(Dsn(url)), Random(int(seed))
    retriever = Retriever(library, _ENCODER, PostgresVectors(library), PostgresKeywords(library))
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    asked = 0
    while not ended.is_set():
        for hit in retriever.search(f"Which convoy carries {random.choice(_CARGOES)}?", 5):
            passage = hit.passage
            try:
                document = library.document(passage.document_id, passage.version)
            except DocumentNotFound:
                say("fault", f"{passage.document_id} has no version {passage.version}")
                continue
            if document.slice(passage.span) != passage.text:
                say("fault", f"{passage.document_id} does not say {passage.text!r}")
        held = library.passages_of(f"w{random.randrange(4)}-{random.randrange(_DOCUMENTS)}")
        if len({stored.passage.version for stored in held}) > 1 or len(held) not in {0, 8}:
            say("fault", f"half a document: {[stored.passage for stored in held]}")
        asked += 1
    say("asked", asked)


def say(*what: object) -> None:
    """Print a line that is seen at once, even when the process is killed after it."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](*sys.argv[2:])
