"""The network, images and labels that every framework works on, and how its work is timed."""

import json
import pathlib
import time

import h5py
import numpy as np

# Images of one call, unless told otherwise.
BATCH = 256


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fastest(choices, work):
    """The choice with which `work` takes least, the better of two runs behind one to warm up."""

    def best(choice):
        return min(seconds(lambda: work(choice)) for _ in range(3))

    return min(choices, key=best)


class Workload:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        facts = json.loads((self.folder / "workload.json").read_text())
        shape = facts["shape"]
        self.images = np.fromfile(self.folder / "images.f32", np.float32).reshape(-1, *shape)
        self.labels = np.fromfile(self.folder / "labels.i32", np.int32)
        self.order = np.fromfile(self.folder / "order.i32", np.int32)
        height, width = shape[0], shape[1]
        for kernel in (4, 3, 3):
            height, width = (height - kernel + 1) // 2, (width - kernel + 1) // 2
        self.maps = {"fc_1": (height, width), "fc_2": (height - 1, width - 1)}

    def weights(self, model="model.h5"):
        """Kernel and bias by layer, as Keras has them."""
        with h5py.File(self.folder / model) as file:
            group = file["model_weights"]
            names = {layer: group[layer].attrs["weight_names"] for layer in group}
            return {layer: [group[layer][name][()] for name in found] for layer, found in names.items() if len(found)}

    def channels_first(self):
        return self.images.transpose(0, 3, 1, 2).copy()

    def planes_first(self, layer, kernel):
        """A dense kernel behind a feature map, for maps of (C, H, W) instead of (H, W, C)."""
        height, width = self.maps[layer]
        channels = kernel.shape[0] // (height * width)
        return kernel.reshape(height, width, channels, -1).transpose(2, 0, 1, 3).reshape(kernel.shape[0], -1)
