"""Names of pictures: made safe on the way in, and into single file names, and back, on the way out.

A name such as "gate/2026/03/01/clip/1.jpg" becomes "gate__2026__03__01__clip__1.jpg": flat, because some readers do
not look into folders below `images`. `flat` never gives one answer for two names, not even with the suffix cut off,
which is how YOLO and Pascal VOC find the labels of a picture.
"""

import hashlib
import re
from pathlib import PurePosixPath

LONGEST = 480
"""Characters of a name; a file's key in a storage must hold it and more."""
_LONGEST_FILE_BYTES = 200
# '~' begins an escape; the others are not allowed in Windows file names, or are no text.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\~\ud800-\udfff]|^[. ]|[. ]$|_(?=[_/])|(?<=/)_')
_ESCAPES = re.compile(r"(?:~[0-9a-f]{2})+")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean_name(raw: object) -> str:
    r"""Return a picture's name as a relative path with '/'; empty where it is not safe or no name.

    clean_name("train\\a.jpg") -> "train/a.jpg". Refused: absolute paths and URLs, '..', control characters, names that
    are no valid Unicode, and those longer than LONGEST characters."""
    if not isinstance(raw, str) or not raw or len(raw) > LONGEST or _CONTROL.search(raw) or not is_text(raw):
        return ""
    name = raw.replace("\\", "/")
    if name.startswith("/") or _DRIVE.match(name) or "://" in name:
        return ""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def is_text(value: str) -> bool:
    """Tell whether text can be stored: valid Unicode, and no NUL, which Postgres refuses."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def flat(name: str) -> str:
    """Write a name as one file name, without a '/', that `unflat` reads again.

    flat("a/b.jpg") -> "a__b.jpg", flat("a/b.png") -> "a__b~.png.png". Two names never give the same stem. A name too
    long for a file system becomes its beginning and its SHA-256, which cannot be read back."""
    stem, ending = _parted(name)
    safe = _escape(stem) if ending else _escape(stem).replace(".", "~2e")
    safe += "" if ending == ".jpg" else "~" + ending
    if len(safe.encode()) > _LONGEST_FILE_BYTES:
        beginning = safe.encode()[:80].decode(errors="ignore")
        safe = f"{beginning}~-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return safe + ending


def unflat(file_name: str) -> str:
    """Return the name that `flat` made into a file name; the file name itself where `flat` made no such thing."""
    stem, ending = _parted(file_name)
    stem = stem.removesuffix("~" + ending) if ending != ".jpg" else stem
    name = _unescape(stem.replace("__", "/")) + ending
    return name if flat(name) == file_name else file_name


def as_file_name(word: str) -> str:
    """Write a word, such as a split's name, as a part of a file name; never one answer for two words."""
    return _escape(word)


def from_file_name(part: str) -> str:
    """Return the word that `as_file_name` made into a part of a file name."""
    return _unescape(part.replace("__", "/"))


def stem_of(path: str) -> str:
    """Return a path without its suffix, as tools cut it off: stem_of("images/a.b.jpg") -> "images/a.b"."""
    return path[: len(path) - len(PurePosixPath(path).suffix)]


def _parted(name: str) -> tuple[str, str]:
    found = _ENDING.search(name)
    return (name[: found.start()], found[0]) if found and found.start() else (name, "")


def _escape(text: str) -> str:
    return _UNSAFE.sub(lambda found: _hex(found[0]), text).replace("/", "__")


def _hex(text: str) -> str:
    return "".join(f"~{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


def _unescape(text: str) -> str:
    return _ESCAPES.sub(lambda found: bytes.fromhex(found[0].replace("~", "")).decode("utf-8", "replace"), text)
