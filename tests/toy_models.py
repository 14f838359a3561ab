"""The smallest weights that each kind of detector and embedder takes, made on the spot."""

import json
from pathlib import Path

import numpy as np

SIDE = 64
CLIP = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


def yolox(folder):
    """Random answers of the right shape, whatever the picture."""
    anchors = sum((SIDE // stride) ** 2 for stride in (8, 16, 32))
    return _constant(folder / "yolox.onnx", [np.random.default_rng(0).random((1, anchors, 7), np.float32)])


def nanodet(folder):
    chance = np.random.default_rng(0)
    cells = [(SIDE // stride) ** 2 for stride in (8, 16, 32)]
    answers = [chance.random((1, n, 2), np.float32) for n in cells]
    return _constant(folder / "nanodet.onnx", answers + [chance.random((1, n, 32), np.float32) for n in cells])


def backbone(folder):
    """Answers with the mean of each channel."""
    import onnx
    from onnx import TensorProto, helper

    nodes = [helper.make_node("GlobalAveragePool", ["images"], ["p"]), helper.make_node("Flatten", ["p"], ["vector"])]
    entry = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, 32, 32])
    exit_ = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", 3])
    return _save(onnx, helper.make_graph(nodes, "toy", [entry], [exit_]), folder / "backbone.onnx")


def ultralytics(folder):
    """Half a million random numbers that know two classes."""
    import torch
    import yaml

    from curation.backends.detect.ultralytics_library import ultralytics_library

    library = ultralytics_library()
    source = Path(library.__file__).parent / "cfg" / "models" / "11" / "yolo11.yaml"
    plan = yaml.safe_load(source.read_text()) | {"nc": 2, "scales": {"p": [0.33, 0.125, 512]}}
    (folder / "tinyp.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    torch.manual_seed(3)
    library.YOLO(folder / "tinyp.yaml").save(folder / "tiny.pt")
    return folder / "tiny.pt"


def clip(folder):
    """Return what stands behind `clip:`."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    (folder / "winnow-toy.json").write_text(json.dumps(CLIP))
    open_clip.add_model_config(folder / "winnow-toy.json")
    torch.manual_seed(7)
    state = open_clip.create_model("winnow-toy").state_dict()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "toy.safetensors")
    return f"winnow-toy@{folder}/toy.safetensors"


def _constant(path, answers):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    names = [f"out{index}" for index in range(len(answers))]
    graph = helper.make_graph(
        [helper.make_node("Identity", [f"{name}_value"], [name]) for name in names],
        "toy",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in zip(names, answers, strict=True)],
        [numpy_helper.from_array(a, f"{n}_value") for n, a in zip(names, answers, strict=True)],
    )
    return _save(onnx, graph, path)


def _save(onnx, graph, path):
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=10), path)
    return path
