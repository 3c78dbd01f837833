"""The command line: one command is one call of the library."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run ``firth`` with the arguments of this process; errors firth knows are one line on stderr."""
    from firth.cli.app import app
    from firth.errors import FirthError

    try:
        app()
    except FirthError as error:
        print(f"firth: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("firth: stopped. What was reported is in; the same command goes on from there", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
        sys.exit(0)
