"""Writes the small ONNX models that the tests read, beside images and what ONNX Runtime answers to them.

    onnx_fixtures.py FOLDER      needs: pip install torch torchvision onnx onnxruntime onnxscript

Each NAME.onnx has a NAME.json with `images`, (N, H, W, C), and `logits`, (N, classes), and may have weights in NAME.onnx.data.
"""

import json
import os
import pathlib
import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

sys.path.insert(0, os.path.dirname(__file__))
import check_onnx_networks as check
import onnx_networks

folder = pathlib.Path(sys.argv[1])
SHAPE = (3, 8, 6)


class Beside(nn.Module):
    """Parts that all read one convolution's maps; a classifier reads the means of what they answer."""

    def __init__(self, parts, channels=8):
        super().__init__()
        self.first = nn.Conv2d(3, channels, 3, padding=1)
        self.parts = nn.ModuleList(parts)
        with torch.no_grad():
            self.eval()
            count = sum(part(self.first(torch.zeros(1, *SHAPE))).shape[1] for part in self.parts)
        self.last = nn.Linear(count, 4)

    def forward(self, x):
        x = self.first(x)
        answers = [part(x) for part in self.parts]
        means = [answer.mean((2, 3)) if answer.dim() == 4 else answer for answer in answers]
        return self.last(torch.cat(means, 1))


def function(body):
    return onnx_networks.Lambda(lambda m, x: body(x))


activations = [
    nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(), nn.SELU(), nn.CELU(1.5), nn.GELU(), nn.SiLU(), nn.Hardsigmoid(),
    nn.Sigmoid(), nn.Tanh(), nn.Softplus(), nn.Softsign(), nn.PReLU(8), nn.Softmax2d(),
]
newer = [nn.Mish(), nn.Hardswish(), nn.GELU("tanh"), nn.Hardtanh(-0.4, 0.7), nn.LogSigmoid(), nn.GLU(1)]
convolutions = [
    nn.Conv2d(8, 6, 3, 2, 1, bias=False), nn.Conv2d(8, 4, 3, padding=2, dilation=2), nn.Conv2d(8, 6, 3, groups=2),
    nn.Conv2d(8, 16, 3, 1, 1, groups=8), nn.Conv2d(8, 3, (1, 5), (2, 1), (0, 2)), nn.ConvTranspose2d(8, 4, 3, 2, 1, 1),
    nn.ConvTranspose2d(8, 6, 4, 2, 1, groups=2), nn.Conv2d(8, 3, 1),
]
pools = [
    nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1), nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.AvgPool2d(2), nn.AvgPool2d(3, 2, 1),
    nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1),
]
norms = [
    nn.Sequential(nn.Conv2d(8, 6, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU()), nn.BatchNorm2d(8), nn.GroupNorm(4, 8),
    nn.InstanceNorm2d(8, affine=True), nn.LayerNorm([8, 8, 6]), nn.LocalResponseNorm(3),
]
resizes = [
    nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.PixelShuffle(2), nn.PixelUnshuffle(2),
    nn.Upsample(size=(11, 9), mode="bilinear", align_corners=True), nn.ReflectionPad2d(1), nn.ReplicationPad2d(2),
    nn.ZeroPad2d((1, 2, 0, -1)), function(lambda x: F.max_pool2d(F.pad(x, (1, 1), value=2.0), 3)),
]
arithmetic = [
    function(lambda x: (1 - x * 2) / 3 + x.abs() - x.pow(2) + (x * x + 1).sqrt()),
    function(lambda x: torch.maximum(x, torch.relu(x) - 0.5) + torch.minimum(x, -x)),
    function(lambda x: torch.exp(x) * torch.log(x.abs() + 1) + torch.erf(x) + torch.reciprocal(x.abs() + 1)),
    function(lambda x: torch.floor(x * 3) + torch.ceil(x) + torch.sign(x) + torch.sin(x) + torch.cos(x)),
    function(lambda x: x - x.mean((2, 3), keepdim=True) + x.sum(1, keepdim=True) / 9 + x.amax(3, keepdim=True)),
    function(lambda x: F.normalize(x, dim=1) + x.norm(dim=(2, 3), keepdim=True)),
    function(lambda x: x * torch.linspace(0, 1, 6) + torch.arange(8.0).view(1, 8, 1, 1) / 8),
]
shapes = [
    function(lambda x: torch.cat([x[:, ::2, 1:, :-1], x[:, 4:, :-1, 1:]], 1)),
    function(lambda x: torch.cat([part * (k + 1) for k, part in enumerate(x.chunk(2, 1))][::-1], 1)),
    function(lambda x: x.view(x.size(0), 2, 4, x.size(2), x.size(3)).transpose(1, 2).flatten(1, 2)),
    function(lambda x: x.permute(0, 2, 3, 1).flatten(1, 2).softmax(1).transpose(1, 2).unsqueeze(3)),
    function(lambda x: (x.flatten(2).transpose(1, 2) @ x.flatten(2)).softmax(-1).mean(1)),
    function(lambda x: x[:, [3, 1, 5, 7, 0, 2, 4, 6]] + x[:, 2:3] + x[:, 4].unsqueeze(1)),
    function(lambda x: torch.stack([x, x * 2, x.relu()], 1).mean(1)),
    nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(96, 5), nn.ReLU()),
    nn.Sequential(nn.Flatten(), nn.BatchNorm1d(384), nn.ReLU()),
]


def save(name, images):
    """Beside a model: what ONNX Runtime answers to images (N, C, H, W), or (N, H, W, C) as the model has them."""
    path = folder / f"{name}.onnx"
    onnx.checker.check_model(str(path))
    logits = check.predict(path, images)
    turned = images if name.startswith("last") else images.transpose(0, 2, 3, 1)
    text = json.dumps({"images": [round(float(x), 3) for x in turned.ravel()], "logits": [float(f"{x:.7g}") for x in logits.ravel()]})
    (folder / f"{name}.json").write_text(text + "\n")


def pictures(seed=1, count=2):
    return np.round(np.random.default_rng(seed).uniform(0, 1, (count, *SHAPE)), 3).astype("float32")


def exported(name, module, exporter, opset):
    onnx_networks.randomize(module)
    path = folder / f"{name}.onnx"
    check.export(module, SHAPE, path, exporter, opset)
    model = onnx.load(path, load_external_data=False)
    # Traces of Python's stack are most of a small file.
    for item in list(model.graph.node) + list(model.graph.input) + list(model.graph.output) + list(model.graph.value_info):
        del item.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)
    save(name, pictures())


def written(name, nodes, tensors, entry, classes=4, opset=13, functions=()):
    """A model of nodes and weights; the input is called x and the output y."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, entry)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", classes])]
    graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(a, n) for n, a in tensors.items()])
    imports = [helper.make_opsetid("", opset)] + ([helper.make_opsetid("own", 1)] if functions else [])
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, functions=functions)
    onnx.save(model, folder / f"{name}.onnx")
    save(name, pictures() if entry[1] == 3 else pictures().transpose(0, 2, 3, 1))


def main():
    folder.mkdir(parents=True, exist_ok=True)
    exported("activations", Beside(activations), "script", 12)
    exported("newer", Beside(newer), "script", 20)
    exported("convolutions", Beside(convolutions), "script", 13)
    exported("pools", Beside(pools), "script", 13)
    exported("norms", Beside(norms), "script", 15)
    exported("resizes", Beside(resizes), "script", 17)
    exported("old", Beside([nn.Upsample(scale_factor=2), nn.Conv2d(8, 4, 3), nn.Softmax(1), nn.ZeroPad2d(1)]), "script", 9)
    exported("arithmetic", Beside(arithmetic), "script", 17)
    exported("shapes", Beside(shapes), "script", 18)
    exported("external", nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 10, 3, padding=1),
        nn.BatchNorm2d(10), nn.ReLU(), nn.Flatten(), nn.Linear(120, 4)), "dynamo", 18)
    exported("residual", nn.Sequential(
        onnx_networks.PreActivation(3, 6, 1), onnx_networks.PreActivation(6, 6, 1), nn.BatchNorm2d(6), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)), "dynamo", 18)

    random = np.random.default_rng(7)

    def weights(*shape):
        return random.normal(0, 0.5, shape).astype("float32")

    # As tf2onnx and Keras write it: images (N, H, W, C), turned for a convolution and back, a bias that is added.
    written("last_axis", [
        helper.make_node("Transpose", ["x"], ["t"], "to_nchw", perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t", "w"], ["c"], "model/conv/Conv2D", pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["c", "b"], ["d"], "model/conv/BiasAdd"),
        helper.make_node("Relu", ["d"], ["r"], "model/conv/Relu"),
        helper.make_node("Transpose", ["r"], ["u"], "to_nhwc", perm=[0, 2, 3, 1]),
        helper.make_node("Shape", ["u"], ["s"], "shape"), helper.make_node("Gather", ["s", "zero"], ["n"], "batch"),
        helper.make_node("Concat", ["n", "rest"], ["k"], "target", axis=0),
        helper.make_node("Reshape", ["u", "k"], ["f"], "model/flatten/Reshape"),
        helper.make_node("MatMul", ["f", "m"], ["p"], "model/dense/MatMul"),
        helper.make_node("Add", ["p", "e"], ["y"], "model/dense/BiasAdd"),
    ], {"w": weights(5, 3, 3, 3), "b": weights(1, 5, 1, 1), "m": weights(240, 4), "e": weights(4),
        "zero": np.array([0]), "rest": np.array([-1])}, ["N", 8, 6, 3])
    # Weights that two nodes share, that the graph turns, and that nodes hold; a branch; a function of the file's own.
    twice = helper.make_function("own", "Twice", ["a"], ["b"], [
        helper.make_node("Mul", ["a", "c"], ["b"], "mul"),
        ], [helper.make_opsetid("", 13)])
    twice.node.insert(0, helper.make_node("Constant", [], ["c"], "two", value=helper.make_tensor("t", 1, [], [2.0])))
    branch = [helper.make_graph([helper.make_node(kind, ["c1"], [f"{kind}_out"], f"in_{kind}")], kind, [], [
        helper.make_tensor_value_info(f"{kind}_out", TensorProto.FLOAT, None)]) for kind in ("Relu", "Sigmoid")]
    written("sharing", [
        helper.make_node("Conv", ["x", "w", "b"], ["c1"], "first", pads=[1, 1, 1, 1]),
        helper.make_node("If", ["yes"], ["r1"], "choice", then_branch=branch[0], else_branch=branch[1]),
        helper.make_node("Conv", ["r1", "v", "b"], ["c2"], "second", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"], "rectifier"), helper.make_node("Conv", ["r2", "v", "b"], ["c3"], "third"),
        helper.make_node("Twice", ["c3"], ["d3"], "doubled", domain="own"),
        helper.make_node("GlobalAveragePool", ["d3"], ["g"], "pool"), helper.make_node("Flatten", ["g"], ["f"], "flat"),
        helper.make_node("Constant", [], ["m0"], "held", value=numpy_helper.from_array(weights(4, 3))),
        helper.make_node("Transpose", ["m0"], ["m"], "turned"),
        helper.make_node("Gemm", ["f", "m", "e"], ["y"], "last", alpha=0.5, beta=2.0),
    ], {"w": weights(3, 3, 3, 3), "v": weights(3, 3, 3, 3), "b": weights(3), "e": weights(1, 4), "yes": np.array(True)},
        ["N", 3, 8, 6], functions=[twice])
    exported("half", nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(6, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 4)), "script", 13)
    check.half(folder / "half.onnx", folder / "half.onnx")
    save("half", pictures())


main()
