"""The sweep over VGG16's last 512 channels: PyTorch from a cached prefix, and Keras as a script would do it.

The time of a few steps is multiplied, for each step costs the same. Weights are random: they decide no time here.
"""

import os
import pathlib

import numpy as np
from workload import BATCH, fastest, seconds

CHANNELS = 512


def images(folder):
    return np.fromfile(pathlib.Path(folder) / "images.f32", np.float32).reshape(-1, 3, 32, 32)


class PyTorchPrefix:
    """The last maps once, then for each channel the dense layers behind them, in batches of the size that is faster here."""

    def __init__(self, folder, threads):
        import torch
        from networks import vgg16

        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.torch, self.version = torch, f"PyTorch {torch.__version__.split('+')[0]}"
        model = vgg16().eval().to(memory_format=torch.channels_last)
        dense = next(index for index, layer in enumerate(model) if isinstance(layer, torch.nn.Flatten))
        self.before, self.behind = model[:dense], model[dense:]
        self.images = torch.from_numpy(images(folder)).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            maps = self.maps()
            self.size = fastest((BATCH, len(maps)), lambda size: self.classes(maps, size))

    def maps(self):
        return self.torch.cat([self.before(part) for part in self.images.split(BATCH)])

    def classes(self, maps, size):
        return [self.behind(part).argmax(1) for part in maps.split(size)]

    def sweep(self, steps):
        steps = int(steps)
        with self.torch.inference_mode():
            start = []
            prefix = seconds(lambda: start.append(self.maps()))

            def work():
                for channel in range(steps):
                    start[0][:, channel] = 0
                    self.classes(start[0], self.size)

            return prefix + seconds(work) * (CHANNELS + 1) / steps


class KerasLoop:
    """Silences a channel and predicts every image again, with predict's own batch size."""

    def __init__(self, folder, threads):
        os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")
        import keras
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
        self.version = f"Keras {keras.__version__} on TensorFlow {tensorflow.__version__}"
        self.model = keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), classes=10)
        self.images = np.ascontiguousarray(np.moveaxis(images(folder), 1, 3))
        self.model.predict(self.images, verbose=0)

    def sweep(self, steps):
        steps = int(steps)
        layer = self.model.get_layer("block5_conv3")
        kernel, bias = layer.get_weights()

        def work():
            for channel in range(steps):
                kernel[..., channel] = 0
                bias[channel] = 0
                layer.set_weights([kernel, bias])
                self.model.predict(self.images, verbose=0).argmax(1)

        return seconds(work) * (CHANNELS + 1) / steps
