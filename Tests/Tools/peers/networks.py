"""Networks of other kinds than DeepID for `make bench`: PyTorch modules, exported as their users hand them over.

    python networks.py FOLDER     writes resnet18, vgg16 and mobilenetv2, each FOLDER/NAME/model.onnx, for 32 x 32 images
"""

import pathlib
import sys

import torch
from torch import nn


def normalized(inputs, outputs, size, stride=1, groups=1, activation=nn.ReLU):
    parts = [nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return parts + ([activation()] if activation else [])


class Residual(nn.Module):
    """He, Zhang, Ren & Sun, "Deep residual learning for image recognition", 2016, section 3.2."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        last = normalized(outputs, outputs, 3, activation=None)
        self.body = nn.Sequential(*normalized(inputs, outputs, 3, stride), *last)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else nn.Sequential(*normalized(inputs, outputs, 1, stride, activation=None))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18(classes=10):
    blocks, inputs = normalized(3, 64, 3), 64
    for width, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        blocks += [Residual(inputs, width, stride), Residual(width, width, 1)]
        inputs = width
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


def vgg16(classes=10):
    """Simonyan & Zisserman, "Very deep convolutional networks", 2015, table 1, D, with its three dense layers."""
    layers, inputs = [], 3
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
        layers.append(nn.MaxPool2d(2))
    dense = [nn.Linear(512, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, classes)]
    return nn.Sequential(*layers, nn.Flatten(), *dense)


class Inverted(nn.Module):
    """Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018, section 3.4."""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        width = inputs * expansion
        parts = normalized(inputs, width, 1, activation=nn.ReLU6) if expansion > 1 else []
        parts += normalized(width, width, 3, stride, width, nn.ReLU6)
        self.body = nn.Sequential(*parts, *normalized(width, outputs, 1, activation=None))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def mobilenetv2(classes=10):
    """With the strides for small images: the first two of 2 are 1."""
    layers, inputs = normalized(3, 32, 3, activation=nn.ReLU6), 32
    for expansion, width, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ):
        for index in range(count):
            layers.append(Inverted(inputs, width, stride if index == 0 else 1, expansion))
            inputs = width
    layers += normalized(320, 1280, 1, activation=nn.ReLU6)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, classes))


def settled(module):
    """Statistics of batch normalisation that are not its defaults: those of some random images."""
    torch.manual_seed(1)
    module.train()
    with torch.no_grad():
        for _ in range(3):
            module(torch.randn(32, 3, 32, 32))
    return module.eval()


def write(folder):
    for make in (resnet18, vgg16, mobilenetv2):
        torch.manual_seed(0)
        path = pathlib.Path(folder) / make.__name__
        path.mkdir(parents=True, exist_ok=True)
        torch.onnx.export(
            settled(make()), (torch.randn(2, 3, 32, 32),), str(path / "model.onnx"), dynamo=False,
            input_names=["x"], output_names=["logits"], dynamic_axes={"x": {0: "n"}, "logits": {0: "n"}},
        )


if __name__ == "__main__":
    write(sys.argv[1])
