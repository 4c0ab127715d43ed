"""Writes Tests/DefencesTests/Fixtures/defences.json: the quantities that defences rank and tune by, computed independently.

    python3 -m venv .venv && .venv/bin/pip install torch numpy && .venv/bin/python Tests/Tools/make_defences.py

A network of two convolutions, the first with a batch normalisation, on twelve random images. Everything is in double
precision; weights and images are rounded to single precision first, as Espalier holds them.
"""

import json
import pathlib

import numpy
import torch

H, W, CLASSES, IMAGES = 6, 5, 3, 12
EPSILON = 1e-3
EPS, ALPHA = 0.4, 0.2
RATE, MOMENTUM, DECAY = 0.05, 0.9, 5e-4
MASK = (1 << 64) - 1


def split_mix(state):
    """SplitMix64, as `SeededGenerator` seeds itself."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        yield mixed ^ (mixed >> 31)


def seeded(seed, stream):
    """xoshiro256**."""
    mix = split_mix(seed)
    for part in stream:
        mix = split_mix(next(mix) ^ ((part * 0xD1B54A32D192ED03) & MASK))
    s = [next(mix) for _ in range(4)]

    def rotate(value, bits):
        return ((value << bits) | (value >> (64 - bits))) & MASK

    while True:
        yield (rotate((s[1] * 5) & MASK, 7) * 9) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)


def tuning_images(seed=1, held=0.25):
    """The images that tune: all but the first of a shuffled order, which say when to stop."""
    generator = seeded(seed, [0xD171DE])
    order = list(range(IMAGES))
    for last in range(IMAGES - 1, 0, -1):
        other = (next(generator) * (last + 1)) >> 64
        order[last], order[other] = order[other], order[last]
    return sorted(order[round(IMAGES * held):])


TUNING = tuning_images()

random = numpy.random.default_rng(20260117)


def numbers(*shape, scale=1.0, shift=0.0):
    values = (random.standard_normal(shape) * scale + shift).astype(numpy.float32)
    return torch.tensor(values.astype(numpy.float64))


def parameters():
    return {
        "conv_1": numbers(3, 3, 2, 4, scale=0.4),  # (height, width, in, out)
        "gamma": numbers(4, scale=0.3, shift=1.0),
        "beta": numbers(4, scale=0.3),
        "conv_2": numbers(2, 2, 4, 5, scale=0.4),
        "bias_2": numbers(5, scale=0.2),
        "dense": numbers(30, CLASSES, scale=0.4),
        "bias_3": numbers(CLASSES, scale=0.1),
    }


MEAN, VARIANCE = numbers(4, scale=0.3), numbers(4, scale=0.2).abs() + 0.5
IMAGES_VALUES = numbers(IMAGES, H, W, 2)
LABELS = torch.tensor(random.integers(0, CLASSES, IMAGES))


def convolve(x, kernel, bias=None):
    return torch.nn.functional.conv2d(x, kernel.permute(3, 2, 0, 1), bias)


def forward(p, images, batch=False):
    """Logits, and what enters the normalisation and leaves each rectifier; `batch` normalises by the images' own statistics."""
    before = convolve(images.permute(0, 3, 1, 2), p["conv_1"])
    mean, variance = (before.mean((0, 2, 3)), before.var((0, 2, 3), unbiased=False)) if batch else (MEAN, VARIANCE)
    normalised = (before - mean[:, None, None]) / (variance[:, None, None] + EPSILON).sqrt()
    first = torch.relu(normalised * p["gamma"][:, None, None] + p["beta"][:, None, None])
    second = torch.relu(convolve(first, p["conv_2"], p["bias_2"]))
    flat = second.permute(0, 2, 3, 1).reshape(len(images), -1)
    return flat @ p["dense"] + p["bias_3"], before, first, second


def loss(p, images, labels, batch=False):
    return torch.nn.functional.cross_entropy(forward(p, images, batch)[0], labels)


def norms(kernel):
    """The largest singular value of each output channel's kernel."""
    return numpy.array([
        numpy.linalg.svd(kernel[..., c].reshape(-1, kernel.shape[2]).numpy(), compute_uv=False).max()
        for c in range(kernel.shape[3])
    ])


def wide():
    """A layer of forty channels of which two stand out by three standard deviations."""
    kernel = numbers(3, 3, 4, 40, scale=0.2)
    kernel[..., 7] *= 8
    kernel[..., 31] *= 7
    kernel = kernel.float().double()
    bounds = norms(kernel).tolist()
    return {"kernel": kernel.flatten().tolist(), "bounds": bounds, "beyond": beyond(bounds, 3)}


def lipschitz(p):
    first = norms(p["conv_1"]) * (p["gamma"].abs() / (VARIANCE + EPSILON).sqrt()).numpy()
    return [first.tolist(), norms(p["conv_2"]).tolist()]


def beyond(bounds, u):
    return [c for c, b in enumerate(bounds) if b > numpy.mean(bounds) + u * numpy.std(bounds, ddof=1)]


def divergences(p):
    before = forward(p, IMAGES_VALUES)[1]
    mean, variance = before.mean((0, 2, 3)), before.var((0, 2, 3), unbiased=False)
    clean = torch.distributions.Normal(mean, (variance + EPSILON).sqrt())
    stored = torch.distributions.Normal(MEAN, (VARIANCE + EPSILON).sqrt())
    return torch.distributions.kl_divergence(clean, stored).tolist()


def taylor(p):
    def scores(which):
        total = 0
        for image, label in zip(IMAGES_VALUES, LABELS):
            values = forward({k: v.clone().requires_grad_() for k, v in p.items()}, image[None])
            values[which].retain_grad()
            torch.nn.functional.cross_entropy(values[0], label[None]).backward()
            total = total + (values[which] * values[which].grad).mean((0, 2, 3)).abs()
        return (total / IMAGES).tolist()

    return [scores(2), scores(3)]


def masked(p, weights, biases):
    """Channels 0..3 are the normalisation's, 4..8 those of the second convolution."""
    return {
        **p,
        "gamma": p["gamma"] * weights[:4],
        "beta": p["beta"] * biases[:4],
        "conv_2": p["conv_2"] * weights[4:],
        "bias_2": p["bias_2"] * biases[4:],
    }


def adversarial(p):
    masks = (1 - 0.5 * torch.tensor(random.random(9))).requires_grad_()
    start = [torch.tensor((2 * random.random(9) - 1) * EPS) for _ in range(2)]
    noise = [n.clone().requires_grad_() for n in start]
    one = torch.ones(9, dtype=torch.float64)
    loss(masked(p, masks + noise[0], one + noise[1]), IMAGES_VALUES, LABELS, True).backward()
    worst = [(n.detach() + EPS * n.grad.sign()).clamp(-EPS, EPS) for n in noise]
    masks.grad = None
    robust = loss(masked(p, masks + worst[0], one + worst[1]), IMAGES_VALUES, LABELS, True)
    clean = loss(masked(p, masks, one), IMAGES_VALUES, LABELS, True)
    mixed = ALPHA * clean + (1 - ALPHA) * robust
    mixed.backward()
    return {
        "masks": masks.tolist(), "weightNoise": start[0].tolist(), "biasNoise": start[1].tolist(),
        "loss": mixed.item(), "gradient": masks.grad.tolist(),
    }


def reconstructive(p):
    masks = (1 - 0.5 * torch.tensor(random.random(9))).requires_grad_()
    result = loss(masked(p, masks, torch.ones(9, dtype=torch.float64)), IMAGES_VALUES, LABELS, True)
    result.backward()
    return {"masks": masks.tolist(), "loss": result.item(), "gradient": masks.grad.tolist()}


def tuned(p):
    """The weights after each of ten steps on all images that tune."""
    p = {k: v.clone().requires_grad_() for k, v in p.items()}
    kernels = [p[k] for k in ("conv_1", "gamma", "conv_2", "dense")]
    biases = [p[k] for k in ("beta", "bias_2", "bias_3")]
    optimizer = torch.optim.SGD(
        [{"params": kernels, "weight_decay": DECAY}, {"params": biases, "weight_decay": 0}],
        lr=RATE, momentum=MOMENTUM, nesterov=True)
    steps = []
    for _ in range(10):
        optimizer.zero_grad()
        loss(p, IMAGES_VALUES[TUNING], LABELS[TUNING]).backward()
        optimizer.step()
        steps.append({k: v.flatten().tolist() for k, v in p.items()})
    return steps


def main():
    p = parameters()
    bounds = lipschitz(p)
    fixture = {
        "weights": {k: v.flatten().tolist() for k, v in p.items()}, "mean": MEAN.tolist(),
        "variance": VARIANCE.tolist(), "images": IMAGES_VALUES.flatten().tolist(), "labels": LABELS.tolist(),
        "bounds": bounds, "beyond": [beyond(b, 1) for b in bounds], "wide": wide(),
        "divergences": divergences(p),
        "taylor": taylor(p), "anp": adversarial(p), "rnp": reconstructive(p), "tuning": TUNING, "tuned": tuned(p),
    }
    place = pathlib.Path(__file__).parents[1] / "DefencesTests" / "Fixtures" / "defences.json"

    def rounded(value):
        if isinstance(value, float):
            return float(f"{value:.10g}")
        if isinstance(value, dict):
            return {k: rounded(v) for k, v in value.items()}
        return [rounded(v) for v in value] if isinstance(value, list) else value

    place.write_text(json.dumps(rounded(fixture), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
