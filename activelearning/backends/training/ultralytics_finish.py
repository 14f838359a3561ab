"""What happens to trained weights: measured, freed of all that tells of this machine, and written as ONNX."""

import math
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def finish(spec: Mapping[str, Any], kept: Path, *, imgsz: int, device: str, voice: Any) -> dict[str, Any]:
    """Measure the weights that are taken on the split val, and write them down; returns what is said of them."""
    options, folder = spec["options"], Path(spec["folder"])
    made = folder / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    best = kept / "best.pt"
    chosen = best if options["take"] == "best" and best.is_file() else kept / "last.pt"
    weights = made / "weights.pt"
    epoch = write_clean(chosen, weights, imgsz=imgsz)
    figures = _measured(weights, spec, folder, imgsz=imgsz, device=device)
    said: dict[str, Any] = {
        "weights": str(weights.relative_to(folder)), "imgsz": imgsz, "notes": [],
        "figures": {**figures, "epoch": epoch, "taken": chosen.stem},
    }  # fmt: skip
    if options["onnx"]:
        voice.say("stage", doing="writing ONNX")
        said["onnx"] = str(write_onnx(weights, made, imgsz=imgsz).relative_to(folder))
    return said


def write_clean(source: Path, target: Path, *, imgsz: int) -> int:
    """Write weights without optimizer, dates, settings or paths; returns the epoch (from 1) that they are of."""
    import torch
    from ultralytics.nn.tasks import load_checkpoint, torch_safe_load

    kept, _ = torch_safe_load(str(source))  # type: ignore[no-untyped-call]
    model = (kept.get("ema") or kept["model"]).float()
    model.yaml.pop("yaml_file", None)
    model.__dict__.pop("pt_path", None)
    if hasattr(model, "criterion"):
        model.criterion = None
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.args = {"imgsz": imgsz, "task": "detect", "single_cls": False, "model": "winnow", "data": "winnow"}
    clean = {"model": model.half(), "train_args": dict(model.args), "epoch": -1, "version": kept["version"], "date": ""}
    part = target.with_suffix(".part.pt")
    torch.save(clean, part)
    load_checkpoint(str(part))  # type: ignore[no-untyped-call]  # what cannot be read again is not published
    os.replace(part, target)
    return int(kept["epoch"]) + 1


def write_onnx(weights: Path, folder: Path, *, imgsz: int) -> Path:
    """Write weights as ONNX, for pictures of a square of imgsz; returns the file's place."""
    import onnx
    from ultralytics.models import YOLO

    exported = Path(
        YOLO(str(weights), verbose=False).export(
            format="onnx", imgsz=imgsz, simplify=False, device="cpu", verbose=False
        )
    )
    graph = onnx.load(exported)
    hidden = {"description": "Trained by Winnow", "date": "", "args": "{}"}
    for entry in graph.metadata_props:
        entry.value = hidden.get(entry.key, entry.value)
    target = folder / "weights.onnx"
    onnx.save(graph, target.with_suffix(".part"))
    os.replace(target.with_suffix(".part"), target)
    return target


def _measured(weights: Path, spec: Mapping[str, Any], folder: Path, *, imgsz: int, device: str) -> dict[str, Any]:
    from ultralytics.models import YOLO

    run = folder / "run"
    found = YOLO(str(weights), verbose=False).val(
        data=spec["data"], imgsz=imgsz, device=device, batch=spec["options"]["batch"], workers=0, plots=False,
        verbose=False, project=str(run), name="val", exist_ok=True,
    )  # fmt: skip
    shutil.rmtree(run, ignore_errors=True)
    classes = {}
    for i, index in enumerate(found.box.ap_class_index):
        named = dict(zip(("precision", "recall", "map50", "map50_95"), found.box.class_result(i), strict=True))
        classes[spec["classes"][int(index)]] = _finite(named)
    whole = {
        "precision": found.box.mp, "recall": found.box.mr, "map50": found.box.map50, "map50_95": found.box.map
    }  # fmt: skip
    return {**_finite(whole), "classes": classes}


def _finite(figures: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in figures.items() if math.isfinite(float(value))}
