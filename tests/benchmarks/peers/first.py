"""Opens what a system has on disk and answers one question: the process whose start is measured.

python -m tests.benchmarks.peers.first NAME WEIGHTS FOLDER QUESTION
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.peers.measure import K, tell
from tests.benchmarks.peers.system import SYSTEMS, Saves

if __name__ == "__main__":
    name, weights, folder, question = sys.argv[1:]
    system = SYSTEMS[name].make(Path(weights), Path(folder))
    if isinstance(system, Saves):
        system.load()
    tell({"positions": system.find(question, K)})
