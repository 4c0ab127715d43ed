"""PyTorch, in the memory layout that is faster for each kind of work."""

import torch
from torch.nn import functional
from workload import BATCH, fastest, seconds

# Batches over which two trainings are compared.
LOSSES = 4


class PyTorch:
    def __init__(self, workload, threads):
        torch.set_num_threads(threads)
        self.workload, self.threads = workload, threads
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
        workload = self.workload
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
        with torch.inference_mode():
            return [work(values[start : start + size]) for start in range(0, len(values), size)]

    def forward(self, batch):
        return seconds(lambda: self.batches(self.model, self.images, int(batch)))

    def predictions(self):
        return torch.cat(self.batches(self.model, self.images, BATCH)).argmax(1).numpy()

    def one(self, calls):
        def work(choice):
            threads, last = choice
            torch.set_num_threads(threads)
            with torch.inference_mode():
                for _ in range(int(calls)):
                    self.networks[last](self.layouts[last][:1])

        if "one" not in self.choices:
            both = [(threads, last) for threads in sorted({1, self.threads}) for last in (False, True)]
            self.choices["one"] = fastest(both, work)
        try:
            return seconds(lambda: work(self.choices["one"]))
        finally:
            torch.set_num_threads(self.threads)

    def sweep(self):
        """pool_3 once, then for each channel what lies behind it."""
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
                    loss = functional.cross_entropy(logits, labels[start : min(rows, start + batch)])
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.item())

            return seconds(work), sum(losses[:LOSSES]) / len(losses[:LOSSES])

        if batch not in self.choices:
            self.choices[batch] = min((False, True), key=lambda last: min(run(last, 4 * batch)[0] for _ in range(3)))
        return run(self.choices[batch], rows)
