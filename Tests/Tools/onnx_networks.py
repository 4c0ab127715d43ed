"""Networks for check_onnx_networks.py: each a function that makes a PyTorch module, its input's shape, and how it is exported."""

import torch
import torch.nn.functional as F
import torchvision
from torch import nn


def randomize(module, seed=3):
    """Weights that matter: biases and running statistics away from their defaults, activations of moderate size."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(tensor, low, high):
        tensor.data.copy_(torch.rand(tensor.shape, generator=generator) * (high - low) + low)

    for name, tensor in list(module.named_parameters()) + list(module.named_buffers()):
        if not tensor.is_floating_point():
            continue
        if name.endswith("running_mean"):
            uniform(tensor, -0.2, 0.2)
        elif name.endswith("running_var"):
            uniform(tensor, 0.5, 1.5)
        elif tensor.dim() < 2 and name.endswith("weight"):
            uniform(tensor, 0.6, 1.4)
        elif tensor.dim() < 2:
            uniform(tensor, -0.2, 0.2)
        elif name.endswith("layer_scale"):
            uniform(tensor, 0.2, 1)
    return module.eval()


class Lambda(nn.Module):
    """A function as a module, with modules that it uses."""

    def __init__(self, function, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.function = function

    def forward(self, x):
        return self.function(self, x)


class PreActivation(nn.Module):
    """A residual block with normalisation first. Source: He et al., "Identity mappings in deep residual networks", 2016."""

    def __init__(self, planes, width, stride):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(planes), nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(planes, width, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(planes, width, 1, stride, bias=False) if stride > 1 or planes != width else None

    def forward(self, x):
        out = F.relu(self.bn1(x))
        shortcut = self.shortcut(out) if self.shortcut else x
        return self.conv2(F.relu(self.bn2(self.conv1(out)))) + shortcut


def pre_activation(widths=(64, 128, 256, 512)):
    layers, planes = [nn.Conv2d(3, widths[0], 3, padding=1, bias=False)], widths[0]
    for index, width in enumerate(widths):
        layers += [PreActivation(planes, width, 2 if index else 1), PreActivation(width, width, 1)]
        planes = width
    return nn.Sequential(
        *layers, nn.BatchNorm2d(planes), nn.ReLU(), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(planes, 10))


def cifar_resnet(make):
    """The first layers as CIFAR-10's images of 32 x 32 need them."""
    network = make(num_classes=10)
    network.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    network.maxpool = nn.Identity()
    return network


def head(channels, classes=7):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def after_conv(*layers, channels=12):
    """Layers between a convolution and a classifier."""
    return nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), *layers, head(channels))


def functional(function, channels=12, **modules):
    return after_conv(Lambda(function, **modules), channels=channels)


def small():
    """Small networks, one for each operator or way of writing it: name, module, (C, H, W)."""
    activations = {
        "relu": nn.ReLU(), "relu6": nn.ReLU6(), "leaky_relu": nn.LeakyReLU(0.2), "elu": nn.ELU(), "selu": nn.SELU(),
        "celu": nn.CELU(1.5), "gelu": nn.GELU(), "gelu_tanh": nn.GELU("tanh"), "silu": nn.SiLU(), "mish": nn.Mish(),
        "hardswish": nn.Hardswish(), "hardsigmoid": nn.Hardsigmoid(), "hardtanh": nn.Hardtanh(-0.4, 0.7),
        "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "softplus": nn.Softplus(), "softsign": nn.Softsign(),
        "prelu": nn.PReLU(12), "prelu_one": nn.PReLU(), "threshold": nn.Threshold(0.1, 0), "softmax2d": nn.Softmax2d(),
        "logsigmoid": nn.LogSigmoid(), "hardshrink": nn.Hardshrink(0.2), "tanhshrink": nn.Tanhshrink(),
        "glu": nn.GLU(1), "softshrink": nn.Softshrink(0.2),
    }
    for name, module in activations.items():
        yield name, after_conv(module, channels=6 if name == "glu" else 12), (3, 12, 10)
    layers = {
        "conv_stride": (nn.Conv2d(12, 9, 3, 2, 1), 9), "conv_same": (nn.Conv2d(12, 9, 3, padding="same"), 9),
        "conv_dilated": (nn.Conv2d(12, 9, 3, padding=2, dilation=2), 9), "conv_groups": (nn.Conv2d(12, 8, 3, groups=4), 8),
        "conv_depthwise": (nn.Conv2d(12, 24, 3, 2, 1, groups=12), 24), "conv_uneven": (nn.Conv2d(12, 9, (3, 5), (2, 1), (0, 2)), 9),
        "conv_reflect": (nn.Conv2d(12, 9, 3, padding=1, padding_mode="reflect"), 9),
        "conv_transposed": (nn.ConvTranspose2d(12, 9, 3, 2, 1, 1), 9),
        "conv_transposed_groups": (nn.ConvTranspose2d(12, 8, 4, 2, 1, groups=4), 8),
        "batch_norm": (nn.BatchNorm2d(12), 12), "instance_norm": (nn.InstanceNorm2d(12, affine=True), 12),
        "group_norm": (nn.GroupNorm(4, 12), 12), "local_response": (nn.LocalResponseNorm(5), 12),
        "layer_norm": (nn.LayerNorm([12, 12, 10]), 12), "max_pool": (nn.MaxPool2d(2), 12),
        "max_pool_padded": (nn.MaxPool2d(3, 2, 1), 12), "max_pool_ceil": (nn.MaxPool2d(3, 2, 1, ceil_mode=True), 12),
        "max_pool_dilated": (nn.MaxPool2d(2, 1, dilation=2), 12), "average_pool": (nn.AvgPool2d(2), 12),
        "average_pool_padded": (nn.AvgPool2d(3, 2, 1), 12),
        "average_pool_excluded": (nn.AvgPool2d(3, 2, 1, count_include_pad=False), 12),
        "upsample_nearest": (nn.Upsample(scale_factor=2), 12),
        "upsample_bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), 12),
        "upsample_corners": (nn.Upsample(size=(17, 21), mode="bilinear", align_corners=True), 12),
        "upsample_bicubic": (nn.Upsample(scale_factor=2, mode="bicubic"), 12),
        "pixel_shuffle": (nn.PixelShuffle(2), 3), "pixel_unshuffle": (nn.PixelUnshuffle(2), 48),
        "zero_pad": (nn.ZeroPad2d((1, 2, 3, 0)), 12),
        "reflection_pad": (nn.ReflectionPad2d(2), 12), "replication_pad": (nn.ReplicationPad2d(2), 12),
        "crop": (nn.ZeroPad2d(-1), 12), "dropout": (nn.Dropout(0.3), 12),
    }
    for name, (module, channels) in layers.items():
        yield name, after_conv(module, nn.ReLU(), channels=channels), (3, 12, 10)
    functions = {
        "arithmetic": (lambda m, x: (1 - x * 2) / 3 + x.abs() - x.pow(2) + (x * x + 1).sqrt(), 12),
        "extrema": (lambda m, x: torch.maximum(x, torch.relu(x) - 0.5) + torch.minimum(x, -x).clamp(-0.5), 12),
        "exponentials": (lambda m, x: torch.exp(x) * torch.log(x.abs() + 1) + torch.erf(x) + torch.reciprocal(x.abs() + 1), 12),
        "rounding": (lambda m, x: torch.floor(x * 3 + 0.01) + torch.ceil(x) + torch.sign(x) + torch.sin(x) + torch.cos(x), 12),
        "means": (lambda m, x: x - x.mean((2, 3), keepdim=True) + x.sum(1, keepdim=True) / 9 + x.amax(3, keepdim=True), 12),
        "lengths": (lambda m, x: F.normalize(x, dim=1) + x.norm(dim=(2, 3), keepdim=True), 12),
        "slices": (lambda m, x: torch.cat([x[:, ::2, 1:, :-1], x[:, 6:, :-1, 1:]], 1), 12),
        "chunks": (lambda m, x: torch.cat([part * (k + 1) for k, part in enumerate(x.chunk(3, 1))][::-1], 1), 12),
        "reshapes": (lambda m, x: x.view(x.size(0), 3, 4, -1).transpose(1, 2).reshape(x.size(0), 12, x.size(2), x.size(3)), 12),
        "channel_shuffle": (
            lambda m, x: x.view(x.size(0), 4, 3, x.size(2), x.size(3)).transpose(1, 2).flatten(1, 2), 12),
        "rows": (lambda m, x: x.permute(0, 2, 3, 1).flatten(1, 2).softmax(1).transpose(1, 2).unsqueeze(3), 12),
        "attention": (lambda m, x: (x.flatten(2).transpose(1, 2) @ x.flatten(2)).softmax(-1).unsqueeze(1).expand(-1, 12, -1, -1), 12),
        "where": (lambda m, x: x * torch.linspace(0, 1, 10) + torch.arange(12.0).view(1, 12, 1, 1) / 12, 12),
        "roll": (lambda m, x: torch.cat([x[:, -3:], x[:, :-3]], 1).flip(3), 12),
        "index": (lambda m, x: x[:, [3, 1, 5, 7, 0, 2, 4, 6, 8, 11, 10, 9]] + x[:, 2:3], 12),
        "logsumexp": (lambda m, x: x.exp().sum(1, keepdim=True).log() + x, 12),
        "squeeze_excite": (lambda m, x: x * torch.sigmoid(m.up(F.relu(m.down(F.adaptive_avg_pool2d(x, 1))))), 12),
        "squeeze_linear": (
            lambda m, x: x * torch.sigmoid(m.up(F.relu(m.down(x.mean((2, 3)))))).view(x.size(0), -1, 1, 1), 12),
        "stack": (lambda m, x: torch.stack([x, x * 2, x.relu()], 1).mean(1), 12),
    }
    for name, (function, channels) in functions.items():
        modules = {}
        if name == "squeeze_excite":
            modules = {"down": nn.Conv2d(12, 4, 1), "up": nn.Conv2d(4, 12, 1)}
        if name == "squeeze_linear":
            modules = {"down": nn.Linear(12, 4), "up": nn.Linear(4, 12)}
        yield name, functional(function, channels, **modules), (3, 12, 10)
    yield "flatten", nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(160, 20), nn.ReLU(), nn.Linear(20, 7)), (3, 12, 10)
    yield "flatten_norm", nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.Flatten(), nn.BatchNorm1d(640), nn.ReLU(), nn.Dropout(), nn.Linear(640, 7)), (3, 12, 10)
    yield "lenet", nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)), (1, 28, 28)
    yield "linear", nn.Sequential(nn.Flatten(), nn.Linear(360, 32), nn.ReLU(), nn.Linear(32, 10), nn.Softmax(1)), (3, 12, 10)
    yield "log_softmax", nn.Sequential(nn.Conv2d(3, 10, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LogSoftmax(1)), (3, 12, 10)
    yield "fully_convolutional", nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 5, (10, 8)), nn.Flatten()), (3, 12, 10)


def large():
    """Architectures of torchvision, and ones for images of 32 x 32."""
    models = torchvision.models
    yield "ResNet18_32", cifar_resnet(models.resnet18), (3, 32, 32)
    yield "ResNet50_32", cifar_resnet(models.resnet50), (3, 32, 32)
    yield "PreActResNet18", pre_activation(), (3, 32, 32)
    yield "VGG19BN_32", nn.Sequential(
        models.vgg19_bn(num_classes=10).features, nn.Flatten(), nn.Linear(512, 10)), (3, 32, 32)
    for name in [
        "resnet18", "resnet50", "resnext50_32x4d", "densenet121", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
        "efficientnet_b0", "efficientnet_v2_s", "shufflenet_v2_x1_0", "squeezenet1_1", "mnasnet1_0", "regnet_y_400mf",
        "regnet_x_400mf", "convnext_tiny",
    ]:
        yield name, getattr(models, name)(weights=None), (3, 64, 64)
    yield "googlenet", models.googlenet(weights=None, aux_logits=False, init_weights=False), (3, 64, 64)
    yield "inception_v3", models.inception_v3(weights=None, aux_logits=False, init_weights=False), (3, 96, 96)
