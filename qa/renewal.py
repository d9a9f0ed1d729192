"""After an upgrade: the shipped briefs that have changed become new versions in a library that holds them."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from corpus.catalogue import shipped_briefs
from corpus.library import Entry, Library, State

if TYPE_CHECKING:
    from index.intake import Added
    from qa.assembly import Parts


def renew_briefs(parts: Parts) -> list[Added]:
    """Replace the briefs whose files differ from those they were read from, and add the new ones.

    Nothing is done in a library that has none of them, and those that somebody replaced by a text of their own,
    withdrew or purged are left alone.
    """
    shipped = shipped_briefs()
    held = {brief: parts.library.entry(brief.stem) for brief in shipped}
    if not any(entry is not None and _is_ours(entry) for entry in held.values()):
        return []
    stale = [brief for brief in shipped if _is_stale(parts.library, brief, held[brief])]
    if not stale:
        return []
    from corpus.files import find_files
    from index.intake import IfChanged

    renewed = list(parts.intake.add(find_files(stale), IfChanged.REPLACE))
    parts.refresh()
    return renewed


def _is_stale(library: Library, brief: Path, entry: Entry | None) -> bool:
    if entry is None:
        return library.purged_at(brief.stem) is None
    digest = hashlib.sha256(brief.read_bytes()).hexdigest()
    return entry.state is State.CURRENT and _is_ours(entry) and entry.provenance.file_digest != digest


def _is_ours(entry: Entry) -> bool:
    """Whether it was read from the folder of briefs, of this or another installation."""
    return PurePath(entry.provenance.origin).parts[-3:-1] == ("corpus", "briefs")
