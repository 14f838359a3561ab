"""Tell people what the demo's detectors are, how good they are, and what they must not be used for."""

from typing import Any


def model_card(figures: dict[str, Any]) -> str:
    """Write the card of the weights, in Markdown, from their figures."""
    seeds = (figures["train_world_seed"], figures["test_world_seed"])
    return f"""# The demo's detectors

They find `person` and `jacket` in the demo world. Both are a YOLO11 with half a million parameters, made by
`python -m demo.train` from {figures["train_pictures"]} rendered pictures, seed {figures["seed"]}: `winnow_demo_fast`
from scratch, `winnow_demo` from that one, taught further on larger and on emptier pictures. The demo's cascade uses the
first as its cheap stage and the second as its strong one. Use each at its own width; at another it sees ghosts.

**Trained and measured on rendered footage only. Not for real use**: they have never seen a photograph, and know no
other cameras than the demo's four. They are here so that the demo runs without a download.

Training and measuring used worlds of different seeds ({seeds[0]} and {seeds[1]}); the demo's own seed is 7. The cameras
and their surroundings are the same in all of them; people, their ways, weather and light are not. Boxes of which less
than a fifth is visible were left out. The last epoch's weights were taken; none was chosen by its figures.

{"".join(_detector(name, found) for name, found in figures["detectors"].items())}"""


def _detector(name: str, found: dict[str, Any]) -> str:
    test = found["test"]
    classes = "\n".join(
        f"| {label} | {f['precision']:.2f} | {f['recall']:.2f} | {f['ap50']:.2f} | {f['ap50_95']:.2f} |"
        for label, f in test["classes"].items()
    )
    slices = "\n".join(
        f"| `{label}` | {f['pictures']} | {_number(f['person_ap50'])} |" for label, f in test["by_condition"].items()
    )
    return f"""## {name}: {found["size_px"]} px, {found["epochs"]} epochs

On {test["pictures"]} held-out pictures: mAP50 {test["map50"]:.2f}, mAP50-95 {test["map50_95"]:.2f}.

| class | precision | recall | AP50 | AP50-95 |
|---|---|---|---|---|
{classes}

By condition (few pictures, so differences of some hundredths mean little):

| condition | pictures | AP50 of person |
|---|---|---|
{slices}

"""


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
