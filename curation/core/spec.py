"""What a cascade is: named stages, what to keep, and how to tag. Read from YAML, checked, written out whole."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.core.errors import SpecError
from curation.core.keep import Keep
from curation.core.params import build, parse_text
from curation.core.plain_yaml import read_mapping
from curation.core.stages import STAGES, Embed, Stage
from curation.core.taggers import TAGGERS, Tagger

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class CascadeSpec:
    """filters run in order, each on what the one before let through; embeds see the kept frames."""

    name: str
    description: str
    filters: Mapping[str, Stage]
    embeds: Mapping[str, Embed]
    keep: Keep
    taggers: Mapping[str, Tagger]

    def to_dict(self) -> dict[str, Any]:
        """Write every parameter out, defaults too: what is stored with a run says all that made it."""
        stages: list[tuple[str, Any]] = [*self.filters.items(), *self.embeds.items()]
        return {
            "name": self.name,
            "description": self.description,
            "stages": [{"name": n, "kind": s.kind, **dataclasses.asdict(s)} for n, s in stages],
            "keep": dataclasses.asdict(self.keep),
            "tags": {name: dataclasses.asdict(tagger) for name, tagger in self.taggers.items()},  # type: ignore[call-overload]
        }

    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()


def read_yaml(text: str) -> dict[str, Any]:
    """Read a cascade's YAML into plain values. Raises SpecError."""
    return read_mapping(
        text,
        it_is="The cascade is",
        otherwise="A cascade is a YAML mapping with `name` and `stages`.",
    )


def parse(plain: Mapping[str, Any]) -> CascadeSpec:
    """Check plain values and make a cascade of them. Raises SpecError."""
    known = {"name", "description", "stages", "keep", "tags"}
    if extra := set(plain) - known:
        raise SpecError(f"cascade: there is no {sorted(extra)[0]!r}. Valid ones: {', '.join(sorted(known))}.")
    name = plain.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SpecError(f"cascade: name is {name!r}; it must be 1 to 40 letters, digits, '_' and '-'.")
    filters, embeds = _parse_stages(plain.get("stages"))
    tags = plain.get("tags") or {}
    _require_mapping(tags, where="tags")
    _require_mapping(plain.get("keep") or {}, where="keep")
    for tagger, values in tags.items():
        if tagger not in TAGGERS:
            raise SpecError(f"tags: there is no tagger {tagger!r}. Valid ones: {', '.join(TAGGERS)}.")
        _require_mapping(values or {}, where=f"tags.{tagger}")
    return CascadeSpec(
        name=name,
        description=str(plain.get("description") or ""),
        filters=filters,
        embeds=embeds,
        keep=build(Keep, plain.get("keep") or {}, where="keep"),
        taggers={key: build(kind, tags.get(key) or {}, where=f"tags.{key}") for key, kind in TAGGERS.items()},
    )


def override(plain: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Apply `STAGE.PARAM=VALUE` settings: a stage by name, `keep.PARAM`, or `tags.TAGGER.PARAM`. Raises SpecError."""
    changed: dict[str, Any] = json.loads(json.dumps(plain))
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or "." not in path:
            raise SpecError(f"--set {setting}: write STAGE.PARAM=VALUE, for instance motion.fps=5.")
        target, _, parameter = path.strip().rpartition(".")
        _place(changed, target)[parameter] = parse_text(text.strip())
    return changed


def _place(plain: dict[str, Any], target: str) -> dict[str, Any]:
    if target == "keep":
        return _child(plain, "keep")
    if target.startswith("tags."):
        return _child(_child(plain, "tags"), target.removeprefix("tags."))
    listed = plain.get("stages")
    stages = [stage for stage in listed if isinstance(stage, dict)] if isinstance(listed, list) else []
    for stage in stages:
        if stage.get("name", stage.get("kind")) == target:
            return stage
    names = [str(stage.get("name", stage.get("kind"))) for stage in stages]
    raise SpecError(f"There is no stage {target!r}. Valid ones: {', '.join(names)}, keep, tags.TAGGER.")


def _child(plain: dict[str, Any], key: str) -> dict[str, Any]:
    if plain.get(key) is None:
        plain[key] = {}
    child = plain[key]
    _require_mapping(child, where=key)
    return child  # type: ignore[no-any-return]


def _parse_stages(stages: object) -> tuple[dict[str, Stage], dict[str, Embed]]:
    if not isinstance(stages, list) or not stages:
        raise SpecError("cascade: `stages` must be a list of at least one stage.")
    filters: dict[str, Stage] = {}
    embeds: dict[str, Embed] = {}
    for position, values in enumerate(stages):
        _require_mapping(values, where=f"stages[{position}]")
        kind = values.get("kind")
        if not isinstance(kind, str) or kind not in STAGES:
            raise SpecError(f"stages[{position}]: there is no kind {kind!r}. Valid ones: {', '.join(STAGES)}.")
        name = str(values.get("name", kind))
        if not _NAME.fullmatch(name):
            raise SpecError(f"stages[{position}]: name is {name!r}; it must be 1 to 40 letters, digits, '_' and '-'.")
        if name in filters or name in embeds or name in ("keep", "tags"):
            raise SpecError(f"stages[{position}]: the name {name!r} is taken; each stage needs a name of its own.")
        rest = {key: value for key, value in values.items() if key not in ("name", "kind")}
        stage = build(STAGES[kind], rest, where=name)
        if isinstance(stage, Embed):
            embeds[name] = stage
            continue
        if embeds:
            raise SpecError(f"{name}: a filter cannot stand after an embed stage.")
        if stage.is_dense and filters:
            raise SpecError(f"{name}: a {kind} stage reads every frame, so it can only be the first.")
        filters[name] = stage
    if not filters:
        raise SpecError("cascade: there must be at least one filter stage (motion or objects).")
    return filters, embeds


def _require_mapping(values: object, *, where: str) -> None:
    if not isinstance(values, dict):
        raise SpecError(f"{where} is {values!r}; it must be a mapping of parameters.")
