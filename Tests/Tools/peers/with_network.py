"""ONNX Runtime on a network's own file, and PyTorch training the same kind of network."""

import pathlib

import numpy as np
import onnxruntime
from with_onnxruntime import OnnxRuntime, session
from workload import fastest, seconds


class NetworkFile(OnnxRuntime):
    """FOLDER holds model.onnx and images.f32, (N, 3, 32, 32)."""

    def __init__(self, folder, threads):
        folder = pathlib.Path(folder)
        self.version = f"ONNX Runtime {onnxruntime.__version__}"
        self.model = str(folder / "model.onnx")
        self.images = np.fromfile(folder / "images.f32", np.float32).reshape(-1, 3, 32, 32)
        self.session = session(self.model, threads)
        self.threads = threads

    def one(self, calls):
        first = self.images[:1]
        single = {count: session(self.model, count) for count in {1, self.threads}}
        count = fastest(single, lambda choice: [single[choice].run(None, {"x": first}) for _ in range(5)])
        return seconds(lambda: [single[count].run(None, {"x": first}) for _ in range(int(calls))])


class ResidualTraining:
    """ResNet-18 of 10 classes from random weights, one step a batch; the memory layout that is faster here."""

    def __init__(self, folder, threads):
        import torch
        from networks import resnet18

        torch.set_num_threads(threads)
        self.torch, self.version = torch, f"PyTorch {torch.__version__.split('+')[0]}"
        images = np.fromfile(pathlib.Path(folder) / "images.f32", np.float32).reshape(-1, 3, 32, 32)
        self.images = torch.from_numpy(images)
        self.labels = torch.arange(len(images)) % 10
        self.make = resnet18
        self.last = fastest((False, True), lambda last: self.step(last, 64, 64))

    def step(self, last, batch, rows):
        torch = self.torch
        torch.manual_seed(0)
        model = self.make().train()
        images = self.images[:rows]
        if last:
            model = model.to(memory_format=torch.channels_last)
            images = images.contiguous(memory_format=torch.channels_last)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)

        def work():
            for start in range(0, rows, batch):
                optimizer.zero_grad()
                labels = self.labels[start : min(rows, start + batch)]
                torch.nn.functional.cross_entropy(model(images[start : start + batch]), labels).backward()
                optimizer.step()

        return seconds(work)

    def train(self, batch, rows):
        return self.step(self.last, int(batch), int(rows))
