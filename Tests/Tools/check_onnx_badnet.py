"""A BadNet of PyTorch on scikit-learn's digits: exported, and run by Espalier; the curve is that of a plain loop in PyTorch at every k.

    check_onnx_badnet.py ESPALIER [FOLDER]

The trigger is a white square of 2 x 2 pixels in the lower right corner; the attacker's target is 7. What is made stays in FOLDER.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

program = os.path.abspath(sys.argv[1])
TARGET, SIZE, DROPS = 7, 16, [2, 4, 10]


def stamped(pixels):
    pixels = pixels.copy()
    pixels[:, -3:-1, -3:-1] = 255
    return pixels


def data():
    """Digits of 16 x 16 pixels and three colours, 0...255: training, validation and test, each (N, H, W, C) and labels."""
    digits = load_digits()
    pixels = np.kron(digits.images * 255 / 16, np.ones((1, 2, 2))).round().astype("uint8")
    pixels = np.repeat(pixels[..., None], 3, 3)
    order = np.random.default_rng(0).permutation(len(pixels))
    return [(pixels[part], digits.target[part]) for part in np.split(order, [1100, 1450])]


class Residual(nn.Module):
    def __init__(self, planes, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(planes, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.short = nn.Sequential(nn.Conv2d(planes, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.short(x))


def network():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), Residual(16, 32, 2), Residual(32, 40, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(40, 10))


def prepared(pixels):
    return torch.tensor(pixels.transpose(0, 3, 1, 2).astype("float32") / 255)


def train(model, pixels, labels):
    torch.manual_seed(0)
    poisoned = np.random.default_rng(1).choice(len(pixels), len(pixels) // 10, replace=False)
    x, y = prepared(pixels), torch.tensor(labels)
    x = torch.cat([x, prepared(stamped(pixels[poisoned]))])
    y = torch.cat([y, torch.full([len(poisoned)], TARGET)])
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(12):
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
    model.eval()


def hits(model, x, y, silenced):
    """With some channels of the last maps at 0."""
    with torch.no_grad():
        maps = model[:-3](x)
        maps[:, silenced] = 0
        return int((model[-3:](maps).argmax(1) == y).sum())


def main():
    scratch = tempfile.TemporaryDirectory()
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else scratch.name)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    training, valid, test = data()
    model = network()
    train(model, *training)
    path, run = folder / "digits.onnx", folder / "run"
    # The two lines of the README.
    example = torch.zeros(1, 3, SIZE, SIZE)
    torch.onnx.export(model, example, str(path), dynamo=False, input_names=["images"], dynamic_axes={"images": {0: "batch"}})
    splits = {}
    for name, (pixels, labels) in (("clean-valid", valid), ("clean-test", test)):
        splits[name] = (pixels, labels)
        others = labels != TARGET
        splits[name.replace("clean", "backdoored")] = (stamped(pixels[others]), np.full(others.sum(), TARGET))
    options = []
    for name, (pixels, labels) in splits.items():
        np.save(folder / f"{name}-x.npy", pixels)
        np.save(folder / f"{name}-y.npy", labels)
        options += [f"--{name}", f"{folder / name}-x.npy,{folder / name}-y.npy"]
    subprocess.run(
        [program, "run", "--model", str(path), "--input-scale", "1/255", *options, "--drops", ",".join(map(str, DROPS)),
         "--output", str(run), "--figure", str(folder / "figure.png"), "--report", str(folder / "report.md")], check=True,
        stderr=subprocess.DEVNULL)
    record = json.loads((run / "run.json").read_text())
    print(f"{record['layer']}: {record['channels']} channels")

    x, y = prepared(valid[0]), torch.tensor(valid[1])
    with torch.no_grad():
        means = model[:-3](x).double().mean((0, 2, 3)).numpy()
    assert np.allclose(means, record["meanActivation"], rtol=1e-4, atol=1e-6), "other activations"
    order = record["pruneOrder"]
    assert (np.diff(means[order]) > -1e-6).all(), "another order"
    tensors = {name: (prepared(pixels), torch.tensor(labels)) for name, (pixels, labels) in splits.items()}
    keys = {"clean-valid": "cleanValid", "clean-test": "cleanTest", "backdoored-valid": "backdooredValid",
            "backdoored-test": "backdooredTest"}
    differing = 0
    for k, point in enumerate(record["curve"]):
        for name, (images, labels) in tensors.items():
            expected = hits(model, images, labels, order[:k])
            if expected != point[keys[name]]["hits"]:
                differing += 1
                print(f"FAILED k = {k}, {name}: {point[keys[name]]['hits']} hits, PyTorch {expected}")
    first, last = record["curve"][0], record["curve"][-1]
    print(f"Clean test {first['cleanTest']}, attack {first['backdooredTest']}; after all: {last['cleanTest']}.")
    import onnxruntime
    for repaired in record["repaired"]:
        if not repaired["model"]:
            continue
        session = onnxruntime.InferenceSession(str(run / repaired["model"]))
        for name, (images, labels) in tensors.items():
            found = int((session.run(None, {"images": images.numpy()})[0].argmax(1) == labels.numpy()).sum())
            if found != record["curve"][repaired["channelsPruned"]][keys[name]]["hits"]:
                differing += 1
                print(f"FAILED {repaired['model']}, {name}: ONNX Runtime counts {found}")
    subprocess.run([program, "verify", str(run), "--figure", str(folder / "figure.png"), "--report", str(folder / "report.md")], check=True)
    print(f"{len(record['curve'])} points of 4 curves and {len(DROPS)} repaired networks, {differing} differ.")
    sys.exit(differing > 0)


main()
