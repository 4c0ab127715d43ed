"""ONNX Runtime, on a graph made from the Keras weights."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from workload import BATCH, fastest, seconds


def session(model, threads):
    """A model, as bytes or by its path, on so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Its threads spin while it works, and not while another is measured.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class OnnxRuntime:
    def __init__(self, workload, threads):
        self.version = f"ONNX Runtime {onnxruntime.__version__}"
        self.model = self.graph(workload)
        self.images = workload.channels_first()
        self.session = session(self.model, threads)
        single = {count: session(self.model, count) for count in {1, threads}}
        first = self.images[:1]
        count = fastest(single, lambda choice: [single[choice].run(None, {"x": first}) for _ in range(100)])
        self.single = single[count]

    def graph(self, workload):
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
        return np.concatenate(self.logits()).argmax(1)

    def one(self, calls):
        first = self.images[:1]
        return seconds(lambda: [self.single.run(None, {"x": first}) for _ in range(int(calls))])
