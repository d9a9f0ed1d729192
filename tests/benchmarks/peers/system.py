"""What a system must do to be compared, and which systems there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


class System(Protocol):
    """An index of texts, each known by its position among all that were put in.

    It is made with the folder of the encoder's weights and an empty one of its own; making it loads the model.
    """

    def fill(self, texts: Sequence[str]) -> None:
        """Put in all texts, so that the next search finds them."""

    def find(self, question: str, k: int) -> list[int]:
        """The positions of the k best texts, best first."""

    def add(self, text: str) -> None:
        """Put one more text into the filled index."""


@runtime_checkable
class Saves(Protocol):
    """A system whose index is in memory, and on disk only when it is told so."""

    def save(self) -> None:
        """Write the whole index into the folder."""

    def load(self) -> None:
        """Open what was written there."""


@runtime_checkable
class Answers(Protocol):
    """A system that reads the passages which it finds."""

    def ask(self, question: str) -> object:
        """An answer from a model that read the passages."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A system to be chosen by name: its module and class, the distributions it is made of, and how it was set up.

    One that ``is_ours`` runs in this environment, the others in that of the peers.
    """

    module: str
    class_name: str
    distributions: tuple[str, ...]
    setup: str
    is_ours: bool = False

    def make(self, weights: Path, folder: Path) -> System:
        """Raises ModuleNotFoundError where the libraries are not there."""
        made: Any = getattr(import_module(f"tests.benchmarks.peers.systems.{self.module}"), self.class_name)
        system: System = made(weights, folder)
        return system


OURS = "krakow-qa"

SYSTEMS = {
    OURS: Choice(
        "krakow",
        "Krakow",
        ("krakow-qa",),
        "each text a file through `Intake.add`: parsed, cut (here into one passage), encoded, written to the library on"
        " disk, in both indexes; `Retriever.search`, hybrid; added documents are on disk when they are found",
        is_ours=True,
    ),
    f"{OURS}, dense": Choice("krakow", "KrakowDense", ("krakow-qa",), "the same, vectors only", is_ours=True),
    "txtai": Choice(
        "txtai",
        "Txtai",
        ("txtai", "faiss-cpu"),
        "`Embeddings(path=…)`, its defaults: faiss, no texts kept, so that it returns positions and the texts stay the"
        " caller's; it encodes up to 512 tokens of a text, all others 256 (neuml.github.io/txtai/embeddings)",
    ),
    "txtai, hybrid": Choice(
        "txtai",
        "TxtaiHybrid",
        ("txtai", "faiss-cpu"),
        "the same with `hybrid=True` (neuml.github.io/txtai/embeddings/configuration/general)",
    ),
    "Haystack": Choice(
        "haystack",
        "Haystack",
        ("haystack-ai", "sentence-transformers-haystack"),
        "an indexing pipeline of `SentenceTransformersDocumentEmbedder` and `DocumentWriter`, a query pipeline of"
        " `SentenceTransformersTextEmbedder` and `InMemoryEmbeddingRetriever`, cosine"
        " (docs.haystack.deepset.ai/docs/inmemoryembeddingretriever)",
    ),
    "LangChain": Choice(
        "langchain",
        "LangChain",
        ("langchain-community", "langchain-huggingface", "faiss-cpu"),
        "`FAISS` over `IndexFlatL2` and `InMemoryDocstore` with `HuggingFaceEmbeddings`"
        " (docs.langchain.com/oss/python/integrations/vectorstores/faiss)",
    ),
    "LlamaIndex": Choice(
        "llamaindex",
        "LlamaIndex",
        ("llama-index-core", "llama-index-embeddings-huggingface"),
        "`VectorStoreIndex.from_documents` with `HuggingFaceEmbedding`, `index.as_retriever`"
        " (developers.llamaindex.ai/python/framework/module_guides/indexing/vector_store_index)",
    ),
}
