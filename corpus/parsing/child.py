"""Parsers in a process of their own, with limits on time and memory: a file that is a bomb costs one clear error.

Over a pipe goes a line of JSON with a file's name, length and charset, and its bytes; a line of JSON comes back.
Nothing that the child says is ever run. OCR has a child of its own with other limits, which ends with each file.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from functools import cache
from typing import IO, Any, cast

from corpus.errors import NoTextLayer, UnreadableFile
from corpus.parsing import ocr
from corpus.parsing.contract import Parsed, Parser
from corpus.parsing.formats import parser_for
from corpus.parsing.layout import ranges

_SECONDS = 20
_MEMORY = 2_000_000_000

_OCR = "ocr"
_OCR_SECONDS_A_PAGE = 60
_MOST_OCR_SECONDS = 3600
_OCR_MEMORY = 3_000_000_000
"""Of addresses: the largest page takes about 2 GB."""

_MOST_SCANNED_PAGES = 200
_MOST_CHARACTERS = 20_000_000


class _Clock:
    """Kills a child that is late with a file; it looks once in so many seconds, so that a file starts no thread."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._child = child
        self._seconds = seconds
        self._stopped = threading.Event()
        self.deadline: float | None = None
        self.is_late = False
        threading.Thread(target=self._watch, daemon=True).start()

    def start(self, seconds: float) -> None:
        """Allow so many seconds from now, and no fewer than the clock was made with."""
        self.deadline = time.monotonic() + seconds

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()

    def _watch(self) -> None:
        left = self._seconds
        while not self._stopped.wait(left):
            deadline = self.deadline
            left = self._seconds if deadline is None else deadline - time.monotonic()
            if left <= 0:
                self.is_late = True
                self._child.kill()
                return


class ParserProcess:
    """A child that parses one file after the other; it is started when it is needed, and again where it died."""

    def __init__(self, seconds: float = _SECONDS, *, with_ocr: bool = False) -> None:
        self._seconds = seconds
        self._arguments = [_OCR] if with_ocr else []
        self._lock = threading.Lock()
        self._child: tuple[subprocess.Popen[bytes], _Clock] | None = None

    def parse(
        self, name: str, data: bytes, charset: str | None = None, *, more_seconds: float = 0
    ) -> tuple[Parsed, str]:
        """What the parser for a file of that name reads, and the parser's name; raises UnreadableFile."""
        seconds = self._seconds + more_seconds
        with self._lock:
            child, clock = self._running()
            stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
            clock.start(seconds)
            try:
                stdin.write(json.dumps({"name": name, "size": len(data), "charset": charset}).encode() + b"\n" + data)
                stdin.flush()
                said = stdout.readline()
            except (BrokenPipeError, ConnectionResetError):
                said = b""
            finally:
                clock.deadline = None
            if not said.endswith(b"\n"):
                self.close()
                raise UnreadableFile(
                    f"it took longer than {seconds:g} s to read; split it, or save it anew from its program"
                    if clock.is_late
                    else "reading it needed more memory than is allowed; split it, or save it anew from its program"
                )
        answer = json.loads(said)
        if "textless" in answer:
            raise NoTextLayer(answer["error"], answer["textless"])
        if "error" in answer:
            raise UnreadableFile(answer["error"])
        return _parsed(answer["parsed"]), answer["parser"]

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            child, clock = self._child
            clock.stop()
            child.kill()
            child.communicate()
            self._child = None

    def _running(self) -> tuple[subprocess.Popen[bytes], _Clock]:
        if self._child is not None and self._child[0].poll() is not None:
            self.close()
        if self._child is None:
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            child = subprocess.Popen(  # noqa: S603, we run ourselves
                [sys.executable, "-m", "corpus.parsing.child", *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # Ctrl-C is for its parent, which may let it finish the file in hand
            )
            self._child = child, _Clock(child, self._seconds)
        return self._child


class Parsers:
    """The child that reads files; where OCR is installed, another reads the pages of which the first could not."""

    def __init__(self) -> None:
        self._files = ParserProcess()
        self._scans = ParserProcess(with_ocr=True)
        self._scanning = threading.Lock()

    def parse(self, name: str, data: bytes, charset: str | None = None) -> tuple[Parsed, str]:
        """What is read of a file of that name, and by which parser; raises UnreadableFile."""
        try:
            parsed, parser = self._files.parse(name, data, charset)
        except NoTextLayer as refusal:
            if not ocr.is_installed():
                raise
            return self._by_ocr(name, data, refusal.pages)
        if not parsed.textless_pages or not ocr.is_installed():
            return parsed, parser
        try:
            return self._by_ocr(name, data, len(parsed.textless_pages))
        except UnreadableFile as error:
            warning = f"no text layer on {ranges(parsed.textless_pages)}, and OCR failed: {error}"
            return replace(parsed, warnings=(warning,)), parser

    def close(self) -> None:
        """End the children."""
        self._files.close()
        self._scans.close()

    def _by_ocr(self, name: str, data: bytes, pages: int) -> tuple[Parsed, str]:
        if pages > _MOST_SCANNED_PAGES:
            raise UnreadableFile(
                f"{pages} of its pages have no text layer, and OCR reads at most {_MOST_SCANNED_PAGES}; split it"
            )
        with self._scanning:
            try:
                seconds = min(pages * _OCR_SECONDS_A_PAGE, _MOST_OCR_SECONDS)
                return self._scans.parse(name, data, more_seconds=seconds)
            finally:
                self._scans.close()  # it holds a gigabyte


@cache
def parsers() -> Parsers:
    """The children of this process; they end with it."""
    found = Parsers()
    atexit.register(found.close)
    return found


def serve(stdin: IO[bytes], stdout: IO[bytes], *, with_ocr: bool = False) -> None:
    """Parse until the input ends."""
    for line in stdin:
        asked = json.loads(line)
        data = stdin.read(asked["size"])
        stdout.write(json.dumps(_answer(asked["name"], data, asked["charset"], with_ocr)).encode() + b"\n")
        stdout.flush()


def _answer(name: str, data: bytes, charset: str | None, with_ocr: bool) -> dict[str, Any]:
    try:
        parser = _pdf_parser() if with_ocr else parser_for(name, charset)
        parsed = parser.parse(data)
    except NoTextLayer as error:
        return {"error": str(error), "textless": error.pages}
    except UnreadableFile as error:
        return {"error": str(error)}
    except RecursionError:
        return {"error": "it is nested too deeply; save it anew from its program"}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001, whatever a parser trips over in a broken file is that file's error
        return {"error": f"it cannot be read ({type(error).__name__}); open it in its program and save it again"}
    if len(parsed.text) > _MOST_CHARACTERS:
        return {"error": f"it has {len(parsed.text)} characters, and at most {_MOST_CHARACTERS} are read; split it"}
    return {"parsed": asdict(parsed), "parser": parser.name}


@cache
def _pdf_parser() -> Parser:
    from corpus.parsing.pdf import PdfParser

    return PdfParser(ocr.RapidOcr())


def _parsed(fields: dict[str, Any]) -> Parsed:
    """What came back as JSON, with tuples again."""
    lists: dict[str, Any] = {
        name: tuple(fields.pop(name)) for name in ("page_starts", "warnings", "left_out", "textless_pages", "ocr_pages")
    }
    return Parsed(**fields, **lists)


def _limit(memory: int) -> None:
    """Bound what this process may use, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    by_ocr = sys.argv[1:] == [_OCR]
    _limit(_OCR_MEMORY if by_ocr else _MEMORY)
    serve(sys.stdin.buffer, sys.stdout.buffer, with_ocr=by_ocr)
