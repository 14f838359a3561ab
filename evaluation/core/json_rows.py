"""The objects of a long JSON list, one at a time: a file of a million detections need not fit into memory."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, NoReturn

BLOCK_BYTES = 1 << 20
MOST_CHARS = 8 << 20
"""Of one object."""
_BLANK = " \t\r\n"


class JsonRowsError(ValueError):
    """A file is no JSON list, or breaks off."""


def json_rows(file: IO[bytes]) -> Iterator[Any]:
    """Yield the objects of a JSON list in UTF-8. Raises JsonRowsError, after the rows that are before the mistake.

    What an object holds may be NaN or an infinity, as Python writes them."""
    reader = _Reader(file)
    if reader.next_char() != "[":
        _refuse("it is no JSON list.")
    reader.at += 1
    if reader.next_char() == "]":
        return
    while True:
        yield reader.object()
        mark = reader.next_char()
        reader.at += 1
        if mark == "]":
            return
        if mark != ",":
            _refuse(
                "the list breaks off; is the file complete?" if not mark else f"there is {mark!r} between two rows."
            )


class _Reader:
    """A window on the text; `at` is where in it we are."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.text, self.at, self.is_whole = file, "", 0, False
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()

    def next_char(self) -> str:
        """Return the next character that is not blank, "" at the end."""
        while True:
            while self.at < len(self.text):
                if self.text[self.at] not in _BLANK:
                    return self.text[self.at]
                self.at += 1
            if not self.more():
                return ""

    def object(self) -> Any:
        if self.next_char() != "{":
            _refuse("a row is no JSON object.")
        while True:
            try:
                found, self.at = self._json.raw_decode(self.text, self.at)
            except RecursionError:
                _refuse("a row is nested too deeply.")
            except ValueError as error:
                if len(self.text) - self.at > MOST_CHARS:
                    _refuse(f"a row has more than {MOST_CHARS} characters, or is no JSON: {error}.")
                if not self.more():
                    _refuse(f"a row is no JSON: {error}. Is the file complete?")
            else:
                return found

    def more(self) -> bool:
        """Read on; tells whether there was more."""
        if self.is_whole:
            return False
        block = self.file.read(BLOCK_BYTES)
        self.is_whole = not block
        try:
            text = self._decoder.decode(block, final=self.is_whole)
        except UnicodeDecodeError as error:
            _refuse(f"it is no text in UTF-8: {error.reason}.")
        self.text, self.at = self.text[self.at :] + text, 0
        return bool(block)


def _refuse(why: str) -> NoReturn:
    raise JsonRowsError(why)
