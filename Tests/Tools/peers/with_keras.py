"""Keras on TensorFlow, as a script would call it."""

import copy
import logging
import os

from workload import BATCH, seconds

# No GPU is looked for, and TensorFlow keeps its notes to itself.
os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")
logging.disable(logging.WARNING)

import keras  # noqa: E402
import tensorflow  # noqa: E402


class Keras:
    def __init__(self, workload, threads):
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
        self.version = f"Keras {keras.__version__} on TensorFlow {tensorflow.__version__}"
        self.workload = workload
        self.model = keras.models.load_model(workload.folder / "model.h5", compile=False)

    def forward(self, batch):
        return seconds(lambda: self.model.predict(self.workload.images, batch_size=int(batch), verbose=0))

    def predictions(self):
        return self.model.predict(self.workload.images, batch_size=BATCH, verbose=0).argmax(1)

    def script(self, steps):
        """Prunes a channel, predicts every face again and counts the right ones; seconds of all channels."""
        layer = self.model.get_layer("conv_3")
        original = layer.get_weights()
        kernel, bias = copy.deepcopy(original)

        def work():
            for channel in self.workload.order[: int(steps)]:
                kernel[..., channel] = 0
                bias[channel] = 0
                layer.set_weights([kernel, bias])
                found = self.model.predict(self.workload.images, verbose=0).argmax(1)
                (found == self.workload.labels).mean()

        duration = seconds(work)
        layer.set_weights(original)
        return duration * len(self.workload.order) / int(steps)
