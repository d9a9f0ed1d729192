"""``python -m qa`` is ``krakow-qa``."""

from qa.cli import main

if __name__ == "__main__":
    main()
