"""Plain folders of pictures, without annotations."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from curation.core.formats.checks import word
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.opening import open_tree
from curation.core.formats.picture_size import picture_size
from curation.core.formats.tree import PICTURE_SUFFIXES, Tree
from curation.core.labels import LabelledPicture
from curation.core.params import param


@dataclass(frozen=True)
class Folder:
    """Pictures in folders, without labels; the innermost folder's name can become a tag."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = False
    has_pictures: ClassVar[bool] = True
    tag: str = param("", help="Factor whose value is the name of the folder that a picture lies in; none if empty.")

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return bool(tree.pictures)

    def read(self, root: Path) -> Reading:
        skips = Skips()
        tree = open_tree(root, skips=skips)
        if not tree.pictures:
            endings = ", ".join(sorted(suffix.lstrip(".") for suffix in PICTURE_SUFFIXES))
            raise FormatError(f"There is no picture; a folder of pictures holds files that end with {endings}.")
        return Reading(self._pictures(tree, skips=skips), skips, [])

    def picture_path(self, picture: LabelledPicture) -> str:
        return ""

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        raise FormatError("Plain folders are read only; choose another format to export.")

    def _pictures(self, tree: Tree, *, skips: Skips) -> Iterator[LabelledPicture]:
        for file in tree.pictures:
            size = picture_size(tree, file)
            if size is None:
                skips.add(file, "picture that cannot be read")
                continue
            folder = word(PurePosixPath(file).parent.name)
            tags = {self.tag: folder} if self.tag and folder else {}
            yield LabelledPicture(file, *size, tags=tags, picture_file=file)
