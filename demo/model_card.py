"""Tell people what the demo's detector is, how good it is, and what it must not be used for."""

from typing import Any


def model_card(figures: dict[str, Any]) -> str:
    """Write the card of the weights, in Markdown, from their figures."""
    test = figures["test"]
    classes = "\n".join(
        f"| {name} | {found['precision']:.2f} | {found['recall']:.2f} | {found['ap50']:.2f} | {found['ap50_95']:.2f} |"
        for name, found in test["classes"].items()
    )
    slices = "\n".join(
        f"| `{name}` | {found['pictures']} | {_number(found['person_ap50'])} |"
        for name, found in test["by_condition"].items()
    )
    return f"""# The demo's detector

`winnow_demo.pt` and `winnow_demo.onnx` find `person` and `jacket` in the demo world. They are a YOLO11 with half a
million parameters, trained from scratch by `python -m demo.train`: {figures["train_pictures"]} pictures of
{figures["size_px"]} px, {figures["epochs"]} epochs, seed {figures["seed"]}.

**Trained and measured on rendered footage only. Not for real use**: it has never seen a photograph, and it knows no
other cameras than the demo's four. It is here so that the demo runs without a download.

Training and measuring used worlds of different seeds ({figures["train_world_seed"]} and {figures["test_world_seed"]});
the demo's own seed is 7. The cameras and their surroundings are the same in all of them; people, their ways, weather
and light are not. Boxes of which less than a fifth is visible were left out. The last epoch's weights were taken; none
was chosen by its figures.

On {test["pictures"]} held-out pictures: mAP50 {test["map50"]:.2f}, mAP50-95 {test["map50_95"]:.2f}.

| class | precision | recall | AP50 | AP50-95 |
|---|---|---|---|---|
{classes}

By condition (few pictures, so differences of some hundredths mean little). It misses mostly people who are small,
hidden by others, or in the dark:

| condition | pictures | AP50 of person |
|---|---|---|
{slices}
"""


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
