"""Where a library in PostgreSQL lies, told without its password."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

_SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Dsn:
    """The URL of a database as libpq takes it; as text it is without passwords, however wrongly these are written."""

    url: str = field(repr=False)

    def __str__(self) -> str:
        scheme, _, rest = self.url.partition("://")
        who, at, place = rest.rpartition("@")
        place, asked, options = place.partition("?")
        shown = [each for each in options.split("&") if not unquote(each.partition("=")[0]).endswith("password")]
        return f"{scheme}://{who.partition(':')[0]}{at}{place}{asked if any(shown) else ''}{'&'.join(shown)}"

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether a text is the URL of a PostgreSQL database."""
        return text.startswith(_SCHEMES)
