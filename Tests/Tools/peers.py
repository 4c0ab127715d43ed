"""What `make bench` holds Espalier's speed up to: one framework a process, told what to do a line at a time.

    peers.py onnxruntime|pytorch|keras FOLDER THREADS     answers each line of standard input with seconds
    peers.py matplotlib RUN.json FIGURE.png               draws a run's two curves and ends

FOLDER holds model.h5 and random.h5 (Keras models of DeepID), images.f32 (N, H, W, C), labels.i32 (N), order.i32 (C) and
workload.json. What a framework wants prepared (other layouts, moved axes) is prepared before the clock starts, and what
can be set in more than one way is set in the way that is faster here.
"""

import copy
import json
import os
import pathlib
import sys
import time

BATCH = 256
# Batches over which two trainings are compared.
LOSSES = 4


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
        import numpy as np

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
        import h5py

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


class OnnxRuntime:
    def __init__(self, workload, threads):
        import onnxruntime

        self.runtime, self.threads = onnxruntime, threads
        self.version = f"ONNX Runtime {onnxruntime.__version__}"
        self.model = self.graph(workload)
        self.images = workload.channels_first()
        self.session = self.open(threads)
        single = {count: self.open(count) for count in {1, threads}}
        first = self.images[:1]
        count = fastest(single, lambda choice: [single[choice].run(None, {"x": first}) for _ in range(100)])
        self.single = single[count]

    def open(self, threads):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Its threads spin while it works, and not while another is measured.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        return self.runtime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])

    def graph(self, workload):
        from onnx import TensorProto, helper, numpy_helper

        nodes, constants = [], []

        def constant(name, values):
            constants.append(numpy_helper.from_array(values.copy(), name))
            return name

        def node(kind, inputs, output, **settings):
            nodes.append(helper.make_node(kind, inputs, [output], **settings))
            return output

        weights = workload.weights()

        def convolution(name, value):
            kernel, bias = weights[name]
            inputs = [value, constant(f"{name}.w", kernel.transpose(3, 2, 0, 1)), constant(f"{name}.b", bias)]
            return node("Relu", [node("Conv", inputs, f"{name}.sum")], name)

        def dense(name, value, kernel, bias):
            return node("Gemm", [value, constant(f"{name}.w", kernel), constant(f"{name}.b", bias)], name)

        value = "x"
        for layer in (1, 2, 3):
            value = convolution(f"conv_{layer}", value)
            value = node("MaxPool", [value], f"pool_{layer}", kernel_shape=[2, 2], strides=[2, 2])
        branches = []
        for name, map in (("fc_1", value), ("fc_2", convolution("conv_4", value))):
            kernel, bias = weights[name]
            flat = node("Flatten", [map], f"{name}.flat")
            branches.append(dense(name, flat, workload.planes_first(name, kernel), bias))
        hidden = node("Relu", [node("Add", branches, "sum")], "hidden")
        dense("logits", hidden, *weights["output"])

        height, width, colours = workload.images.shape[1:]
        images = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", colours, height, width])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(weights["output"][1])])
        graph = helper.make_graph(nodes, "deepid", [images], [logits], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return model.SerializeToString()

    def logits(self, batch=BATCH):
        starts = range(0, len(self.images), batch)
        return [self.session.run(None, {"x": self.images[start : start + batch]})[0] for start in starts]

    def forward(self, batch):
        return seconds(lambda: self.logits(int(batch)))

    def predictions(self):
        import numpy as np

        return np.concatenate(self.logits()).argmax(1)

    def one(self, calls):
        first = self.images[:1]
        return seconds(lambda: [self.single.run(None, {"x": first}) for _ in range(int(calls))])


class PyTorch:
    def __init__(self, workload, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.workload, self.threads = torch, workload, threads
        self.version = f"PyTorch {torch.__version__.split('+')[0]}"
        first = torch.from_numpy(workload.channels_first())
        self.layouts = {
            last: first.contiguous(memory_format=torch.channels_last) if last else first for last in (False, True)
        }
        self.networks = {last: self.network("model.h5", last).eval() for last in self.layouts}

        def some(last):
            with torch.inference_mode():
                for start in range(0, 4 * BATCH, BATCH):
                    self.networks[last](self.layouts[last][start : start + BATCH])

        self.last = fastest((False, True), some)
        self.model, self.images = self.networks[self.last], self.layouts[self.last]
        self.step_rows = None
        self.choices = {}

    def network(self, file, last):
        torch, workload = self.torch, self.workload
        functional = torch.nn.functional
        weights = workload.weights(file)

        def parameter(values):
            return torch.nn.Parameter(torch.from_numpy(values.copy()))

        class DeepID(torch.nn.Module):
            def __init__(self):
                super().__init__()
                for name, (kernel, bias) in weights.items():
                    if kernel.ndim == 4:
                        kernel = kernel.transpose(3, 2, 0, 1)
                    elif name == "output" or last:
                        kernel = kernel.T
                    else:
                        kernel = workload.planes_first(name, kernel).T
                    setattr(self, f"{name}_kernel", parameter(kernel))
                    setattr(self, f"{name}_bias", parameter(bias))

            def convolution(self, name, value):
                return functional.relu(
                    functional.conv2d(value, getattr(self, f"{name}_kernel"), getattr(self, f"{name}_bias"))
                )

            def dense(self, name, value):
                return functional.linear(value, getattr(self, f"{name}_kernel"), getattr(self, f"{name}_bias"))

            def flat(self, value):
                return (value.permute(0, 2, 3, 1) if last else value).flatten(1)

            def before(self, value):
                for layer in (1, 2, 3):
                    value = functional.max_pool2d(self.convolution(f"conv_{layer}", value), 2)
                return value

            def behind(self, value):
                first = self.dense("fc_1", self.flat(value))
                second = self.dense("fc_2", self.flat(self.convolution("conv_4", value)))
                return self.dense("output", functional.relu(first + second))

            def forward(self, value):
                return self.behind(self.before(value))

        model = DeepID()
        return model.to(memory_format=torch.channels_last) if last else model

    def batches(self, work, values, size):
        with self.torch.inference_mode():
            return [work(values[start : start + size]) for start in range(0, len(values), size)]

    def forward(self, batch):
        return seconds(lambda: self.batches(self.model, self.images, int(batch)))

    def predictions(self):
        return self.torch.cat(self.batches(self.model, self.images, BATCH)).argmax(1).numpy()

    def one(self, calls):
        def work(choice):
            threads, last = choice
            self.torch.set_num_threads(threads)
            with self.torch.inference_mode():
                for _ in range(int(calls)):
                    self.networks[last](self.layouts[last][:1])

        if "one" not in self.choices:
            both = [(threads, last) for threads in sorted({1, self.threads}) for last in (False, True)]
            self.choices["one"] = fastest(both, work)
        try:
            return seconds(lambda: work(self.choices["one"]))
        finally:
            self.torch.set_num_threads(self.threads)

    def sweep(self):
        """pool_3 once, then for each channel what lies behind it."""
        torch = self.torch

        def classes(map, size):
            return self.batches(lambda part: self.model.behind(part).argmax(1), map, size)

        def work():
            map = torch.cat(self.batches(self.model.before, self.images, BATCH))
            if self.step_rows is None:
                self.step_rows = fastest((BATCH, len(map)), lambda size: classes(map, size))
            classes(map, self.step_rows)
            for channel in self.workload.order:
                map[:, int(channel)] = 0
                classes(map, self.step_rows)

        if self.step_rows is None:
            work()
        with torch.inference_mode():
            return seconds(work)

    def train(self, batch, rows, rate, momentum, decay, factor):
        """One pass over the first images from random weights; answers seconds and the mean loss of the first batches.

        Later losses hang on rounding so much that PyTorch's own two layouts part ways.
        """
        torch = self.torch
        batch, rows = int(batch), int(rows)
        labels = torch.from_numpy(self.workload.labels.astype("int64"))

        def run(last, rows):
            model = self.network("random.h5", last)
            images = self.layouts[last][:rows] * float(factor)
            kernels = [value for name, value in model.named_parameters() if name.endswith("kernel")]
            biases = [value for name, value in model.named_parameters() if name.endswith("bias")]
            groups = [{"params": kernels, "weight_decay": float(decay)}, {"params": biases, "weight_decay": 0}]
            optimizer = torch.optim.SGD(groups, lr=float(rate), momentum=float(momentum), nesterov=True)
            losses = []

            def work():
                for start in range(0, rows, batch):
                    optimizer.zero_grad()
                    logits = model(images[start : start + batch])
                    loss = torch.nn.functional.cross_entropy(logits, labels[start : min(rows, start + batch)])
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.item())

            return seconds(work), sum(losses[:LOSSES]) / len(losses[:LOSSES])

        if batch not in self.choices:
            self.choices[batch] = min((False, True), key=lambda last: min(run(last, 4 * batch)[0] for _ in range(3)))
        return run(self.choices[batch], rows)


class Keras:
    def __init__(self, workload, threads):
        import logging

        os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")
        logging.disable(logging.WARNING)
        import keras
        import tensorflow

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


def draw(record, figure):
    """The two curves of a run as Espalier's figure has them: same size, same resolution."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    curve = json.loads(pathlib.Path(record).read_text())["curve"]
    steps = [point["channelsPruned"] for point in curve]

    def percent(*splits):
        split = next(name for name in splits if curve[0][name])
        return [100 * point[split]["hits"] / point[split]["total"] for point in curve]

    axes = pyplot.figure(figsize=(510 / 72, 312 / 72)).add_subplot()
    axes.plot(steps, percent("cleanTest", "cleanValid"), label="Clean accuracy")
    axes.plot(steps, percent("backdooredTest", "backdooredValid"), "--", label="Attack success rate")
    axes.set(xlabel="Channels pruned", ylabel="Percent of faces", ylim=(0, 100), title="Pruning defence")
    axes.grid(alpha=0.3)
    axes.legend()
    axes.figure.savefig(figure, dpi=300)
    print("matplotlib", matplotlib.__version__)


def serve(name, folder, threads):
    # Frameworks print what they like; answers keep standard output to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    kinds = {"onnxruntime": OnnxRuntime, "pytorch": PyTorch, "keras": Keras}
    peer = kinds[name](Workload(folder), int(threads))
    print("ready", peer.version, file=answers)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "predict":
            peer.predictions().astype("int32").tofile(arguments[0])
            answer = 0.0
        else:
            answer = getattr(peer, command)(*arguments)
        print(*(f"{number:.9f}" for number in (answer if isinstance(answer, tuple) else (answer,))), file=answers)


if __name__ == "__main__":
    if sys.argv[1] == "matplotlib":
        draw(*sys.argv[2:])
    else:
        serve(*sys.argv[1:])
