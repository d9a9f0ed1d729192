"""What a server counts and measures, in Prometheus' format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from qa.model import Answer

if TYPE_CHECKING:
    from qa.assembly import Parts
    from qa.web.opening import Opening

_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics of one server, in a registry of their own."""

    def __init__(self, opening: Opening) -> None:
        self.registry = here = CollectorRegistry()
        ProcessCollector(registry=here)
        here.register(_Holdings(opening))
        self._answers = Counter("krakow_qa_answers", "Questions by what came of them.", ["outcome"], registry=here)
        self._seconds = Histogram(
            "krakow_qa_answer_seconds", "Time of each step of an answer.", ["step"], registry=here, buckets=_BUCKETS_S
        )
        self._in_work = Gauge("krakow_qa_questions_in_work", "Questions being answered now.", registry=here)
        self.waiting = Gauge("krakow_qa_questions_waiting", "Questions in the queue.", registry=here)
        self._files = Counter("krakow_qa_files", "Files taken in, by what became of them.", ["outcome"], registry=here)
        self._uploads = Counter("krakow_qa_uploads", "Uploads by HTTP status.", ["status"], registry=here)
        self._responses = Counter("krakow_qa_responses", "Responses by HTTP status.", ["status"], registry=here)
        self._errors = Counter("krakow_qa_errors", "Errors by kind.", ["kind"], registry=here)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question is in work, and where it fails that is counted."""
        with self._in_work.track_inprogress():
            try:
                yield
            except Exception as error:
                self.failed(error)
                raise

    def answered(self, answer: Answer) -> None:
        """Count an answer, and how long its steps took."""
        outcome = "answered" if answer.abstention is None else answer.abstention.name.lower()
        self._answers.labels(outcome).inc()
        for step, ms in answer.timings_ms.items():
            self._seconds.labels(step).observe(ms / 1000)

    def failed(self, error: Exception) -> None:
        """Count an error by its class."""
        self._errors.labels(type(error).__name__).inc()

    def taken_in(self, outcomes: Iterable[str]) -> None:
        """Count files by what became of them."""
        for outcome in outcomes:
            self._files.labels(outcome).inc()

    def responded(self, status: int, *, to_upload: bool) -> None:
        """Count a response."""
        self._responses.labels(str(status)).inc()
        if to_upload:
            self._uploads.labels(str(status)).inc()


@contextmanager
def served_metrics(metrics: Metrics, host: str, port: int) -> Iterator[int]:
    """Serve the metrics at a port of their own, whose number is given, meanwhile; raises OSError."""
    server, thread = start_http_server(port, host, metrics.registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Holdings(Collector):
    """What the library holds when it is asked, counted anew only when it has changed."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening

    def collect(self) -> Iterator[Metric]:
        from qa.web.health import unready

        is_ready = unready(self._opening) is None
        yield GaugeMetricFamily("krakow_qa_ready", "Whether a question would be answered.", float(is_ready))
        if not is_ready:
            return
        parts = self._opening.parts
        generation = parts.library.generation()
        documents, passages = _counted(parts, generation)
        yield GaugeMetricFamily("krakow_qa_documents", "Documents in answers.", documents)
        yield GaugeMetricFamily("krakow_qa_passages", "Passages that are searched.", passages)
        yield GaugeMetricFamily("krakow_qa_library_generation", "Changes of the library so far.", generation)
        yield InfoMetricFamily("krakow_qa_index", "How vectors are searched.", {"kind": parts.vectors.kind})


@lru_cache(maxsize=1)
def _counted(parts: Parts, generation: int) -> tuple[int, int]:
    return len(parts.library.entries()), len(parts.library.passage_ids())
