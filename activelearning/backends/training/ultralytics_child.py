"""The process that trains with ultralytics: `python -m …ultralytics_child SPEC.json`. Talks as child.py listens.

A checkpoint is kept beside the library's own files, moved into place whole, since those are written over in place."""

import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activelearning.backends.training.ultralytics_finish import finish
from activelearning.backends.training.ultralytics_teacher import teacher_class
from curation.backends.detect.ultralytics_library import ultralytics_library

LOCK_S = 30.0
BATCH_S = 1.0
USUAL_IMGSZ = 640
COLOUR = {"hsv_h": 0.015, "hsv_s": 0.7, "hsv_v": 0.4}


def main(path: str) -> int:
    """Train as the file says; returns the exit status."""
    voice = Voice()
    spec: dict[str, Any] = json.loads(Path(path).read_text())
    folder = Path(spec["folder"])
    try:
        with (folder / "lock").open("a") as lock:
            _take(lock.fileno())
            done = _train(spec, folder, voice)
    except Exception as error:
        import traceback

        traceback.print_exc()
        voice.say("error", **explained(error))
        return 1
    voice.say("done", **done)
    return 0


class Busy(Exception):
    """Another process still writes into the folder."""


class NotFinite(Exception):
    """The loss is no number any more."""


class Voice:
    """The real standard output. What the library prints there goes to standard error instead."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._said_s = 0.0

    def say(self, event: str, **said: Any) -> None:
        self._out.write(json.dumps({"event": event, **said}) + "\n")
        self._out.flush()

    def say_sparingly(self, event: str, **said: Any) -> None:
        if time.monotonic() - self._said_s >= BATCH_S:
            self._said_s = time.monotonic()
            self.say(event, **said)


def explained(error: BaseException) -> dict[str, str]:
    """Name what went wrong, in words that say what to do."""
    text = " ".join(str(error).split())[:300] or type(error).__name__
    lower = text.lower()
    if isinstance(error, MemoryError) or "out of memory" in lower or "can't allocate memory" in lower:
        advice = "Take a smaller batch (batch=4), smaller pictures (imgsz=320), or leave cache off."
        return {"code": "memory", "message": f"The memory did not suffice. {advice} ({text})"}
    if isinstance(error, NotFinite) or "nan persisted" in lower or "nan/inf" in lower:
        advice = "Take a lower learning_rate, or a longer warm-up (warm_up_epochs); look at the labels of tiny boxes."
        return {"code": "nan", "message": f"The loss became infinite or no number. {advice} ({text})"}
    if "no space left" in lower or "failed writing file" in lower:  # torch hides the OSError
        return {"code": "disk", "message": f"The disk is full. Make room in the data and weights folders. ({text})"}
    if isinstance(error, Busy):
        return {"code": "busy", "message": text}
    if "final batch=1" in lower:
        advice = "Its last step would see one picture only: take another batch, or a larger imgsz."
        return {"code": "data", "message": f"{advice} ({text})"}
    return {"code": "program", "message": f"ultralytics failed: {type(error).__name__}: {text}"}


def _train(spec: Mapping[str, Any], folder: Path, voice: Voice) -> dict[str, Any]:
    library = ultralytics_library()
    import torch

    # With SAFE_LOAD a .pt file is read as data only, and networks are built without eval.
    options = spec["options"]
    device = _device(options["device"], torch)
    imgsz = spec["imgsz"] or _own_imgsz(spec["base"])
    kept = folder / "kept"
    state = _state(kept, spec["made_of"])
    voice.say(
        "start", device=_device_name(device, torch), epochs=options["epochs"], resumed_after=state.get("epoch", 0)
    )  # fmt: skip
    if not state.get("is_over"):
        run = folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        begin = spec["base"]
        if state:
            (run / "train" / "weights").mkdir(parents=True)
            for one in kept.glob("*.pt"):
                shutil.copy(one, run / "train" / "weights" / one.name)
            begin = str(run / "train" / "weights" / "last.pt")
        teacher = teacher_class(voice=voice, kept=kept, made_of=spec["made_of"], not_finite=NotFinite)
        model = library.YOLO(begin, task="detect", verbose=False)
        model.train(
            trainer=teacher, resume=bool(state), **_settings(spec, run, imgsz=imgsz, device=device, torch=torch)
        )
        shutil.rmtree(run, ignore_errors=True)
    voice.say("stage", doing="measuring the weights that are taken")
    return finish(spec, kept, imgsz=imgsz, device=device, voice=voice)


def _settings(spec: Mapping[str, Any], run: Path, *, imgsz: int, device: str, torch: Any) -> dict[str, Any]:
    said = spec["options"]
    rate = said["learning_rate"] or (0.01 if said["optimizer"] == "SGD" else 0.001)
    amp: bool | str = False
    if said["amp"] and device != "cpu" and torch.cuda.is_bf16_supported(including_emulation=False):
        amp = "bf16"  # the library's own test of 16 bits would download a network
    return {
        "data": spec["data"], "imgsz": imgsz, "device": device, "amp": amp, "seed": spec["seed"] % (1 << 31),
        "project": str(run), "name": "train", "exist_ok": True, "plots": False, "verbose": False, "save": True,
        "epochs": said["epochs"], "batch": said["batch"], "optimizer": said["optimizer"], "lr0": rate,
        "lrf": said["final_share"], "cos_lr": said["cosine"], "warmup_epochs": said["warm_up_epochs"],
        # 0.1 by default, whatever lr0 is: it wrecks a network that is taught further.
        "warmup_bias_lr": 0.0,
        # 64 by default: the library collects so many pictures for a step, and of few pictures it would learn nothing.
        "nbs": said["batch"],
        "freeze": said["freeze"] or None, "patience": said["patience"] or said["epochs"] + 1, "val": said["validate"],
        "mosaic": said["mosaic"], "close_mosaic": said["close_mosaic"], "fliplr": said["flip"], "scale": said["scale"],
        "translate": said["shift"], "erasing": said["erase"], "rect": said["rect"],
        **{name: usual * said["colour"] for name, usual in COLOUR.items()},
        "cache": "ram" if said["cache"] else False, "workers": said["workers"], "deterministic": said["deterministic"],
    }  # fmt: skip


def _state(kept: Path, made_of: str) -> dict[str, Any]:
    """Read how far an earlier attempt came; {} where there was none, or it was of something else."""
    try:
        state: dict[str, Any] = json.loads((kept / "state.json").read_text())
    except (OSError, ValueError):
        state = {}
    if state.get("made_of") != made_of or not (kept / "last.pt").is_file():
        shutil.rmtree(kept, ignore_errors=True)
        state = {}
    kept.mkdir(exist_ok=True)
    return state


def _own_imgsz(base: str) -> int:
    if not base.endswith(".pt"):
        return USUAL_IMGSZ
    from ultralytics.nn.tasks import load_checkpoint

    model, _ = load_checkpoint(base)  # type: ignore[no-untyped-call]
    side = model.args.get("imgsz", USUAL_IMGSZ)
    return int(side if isinstance(side, int | float) else max(side))


def _device(asked: str, torch: Any) -> str:
    if asked == "auto":
        return "0" if torch.cuda.is_available() else "cpu"
    return asked


def _device_name(device: str, torch: Any) -> str:
    return f"CPU, {torch.get_num_threads()} threads" if device == "cpu" else torch.cuda.get_device_name(int(device))


def _take(lock: int) -> None:
    """Wait for the process of an earlier attempt to be gone: two must never write into one folder."""
    deadline = time.monotonic() + LOCK_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy("Another process still trains in this folder; cancel its job, then resume.") from None
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
