"""How large a picture is, from the beginning of its file."""

from importlib import import_module

from curation.core.formats.checks import FARTHEST_PX
from curation.core.formats.tree import Tree

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_ORIENTATION, _LYING = 0x0112, (5, 6, 7, 8)


def picture_size(tree: Tree, name: str) -> tuple[int, int] | None:
    """Return (width, height) in pixels of the upright picture; None for what is no picture. No pixel is decoded."""
    from PIL import Image

    # Each plug-in by name: left to itself, Pillow knows none of them when only some formats are allowed.
    for plugin in ("Jpeg", "Png", "WebP", "Bmp", "Tiff"):
        import_module(f"PIL.{plugin}ImagePlugin")
    try:
        with tree.open(name) as file, Image.open(file, formats=_FORMATS) as picture:
            width, height = picture.size
            if picture.getexif().get(_ORIENTATION, 1) in _LYING:
                width, height = height, width
    except Exception:  # whatever a decoder stumbles over is a finding about the file
        return None
    return (width, height) if min(width, height) >= 1 and max(width, height) <= FARTHEST_PX else None
