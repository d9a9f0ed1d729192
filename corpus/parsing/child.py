"""Parsers in a process of their own, with limits on time and memory: a file that is a bomb costs one clear error.

Over a pipe goes a line of JSON with a file's name and length, and its bytes; a line of JSON comes back. Nothing that
the child says is ever run.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from functools import cache
from typing import IO, Any, cast

from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.formats import parser_for

_SECONDS = 20
_MEMORY = 2_000_000_000
_MOST_CHARACTERS = 20_000_000


class ParserProcess:
    """A child that parses one file after the other; it is started when it is needed, and again where it died."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def parse(self, name: str, data: bytes) -> tuple[Parsed, str]:
        """What the parser for a file of that name reads, and the parser's name; raises UnreadableFile."""
        with self._lock:
            child = self._running()
            stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
            late = threading.Event()

            def end() -> None:
                late.set()
                child.kill()

            clock = threading.Timer(self._seconds, end)
            clock.start()
            try:
                stdin.write(json.dumps({"name": name, "size": len(data)}).encode() + b"\n" + data)
                stdin.flush()
                said = stdout.readline()
            except (BrokenPipeError, ConnectionResetError):
                said = b""
            finally:
                clock.cancel()
            if not said.endswith(b"\n"):
                self.close()
                raise UnreadableFile(
                    f"it took longer than {self._seconds:g} s to read; split it, or save it anew from its program"
                    if late.is_set()
                    else "reading it needed more memory than is allowed; split it, or save it anew from its program"
                )
        answer = json.loads(said)
        if "error" in answer:
            raise UnreadableFile(answer["error"])
        return _parsed(answer["parsed"]), answer["parser"]

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            self._child = subprocess.Popen(
                [sys.executable, "-m", "corpus.parsing.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        return self._child


@cache
def parsers() -> ParserProcess:
    """The child of this process; it ends with it."""
    process = ParserProcess()
    atexit.register(process.close)
    return process


def serve(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    """Parse until the input ends."""
    for line in stdin:
        asked = json.loads(line)
        data = stdin.read(asked["size"])
        stdout.write(json.dumps(_answer(asked["name"], data)).encode() + b"\n")
        stdout.flush()


def _answer(name: str, data: bytes) -> dict[str, Any]:
    try:
        parser = parser_for(name)
        parsed = parser.parse(data)
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


def _parsed(fields: dict[str, Any]) -> Parsed:
    """What came back as JSON, with tuples again."""
    lists: dict[str, Any] = {
        name: tuple(fields.pop(name)) for name in ("page_starts", "warnings", "left_out", "textless_pages")
    }
    return Parsed(**fields, **lists)


def _limit() -> None:
    """Bound what this process may use, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
