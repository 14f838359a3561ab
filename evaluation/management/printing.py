"""What commands of evaluation print: one JSON object, or sections for people."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, RenderableType

PIPED_COLUMNS = 140


def say(stdout: Any, plain: dict[str, Any], sections: Iterable[RenderableType], *, as_json: bool) -> None:
    """Print the one or the other on a command's stdout."""
    if as_json:
        stdout.write(json.dumps(plain))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
    with console.capture() as printed:
        for section in sections:
            console.print(section)
    # Tables fill their lines up with blanks.
    stdout.write("\n".join(line.rstrip() for line in printed.get().splitlines()))
