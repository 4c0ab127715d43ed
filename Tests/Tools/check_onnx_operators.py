"""Runs the ONNX project's own node tests (in the package onnx) for every operator that Espalier reads.

    check_onnx_operators.py ESPALIER [NAME...]

Those of the package are of the newest opsets; where Debian's package libonnx-testdata is installed, or unpacked in the folder that
ONNX_TESTDATA names, its older ones follow. A test passes where Espalier's numbers are ONNX's within a thousandth, which is the
tests' own tolerance; it is listed with the reason where Espalier refuses it, and fails where the numbers differ. Each model is made
an image classifier first: its first input becomes the images, the others weights, and its output is flattened.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings
from collections import Counter

import numpy as np
import onnx
from onnx import helper, numpy_helper

program, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
debian = pathlib.Path(os.environ.get("ONNX_TESTDATA", "/usr/share/libonnx-testdata")) / "data" / "node"
translation = pathlib.Path(__file__).parents[2] / "Sources" / "ModelFiles" / "ONNX" / "ONNXOperators.swift"
text = translation.read_text()
OPERATORS = set(re.findall(r'"([A-Z][A-Za-z0-9]+)"', text)) - {"NOTSET"}


def tensor(path):
    value = onnx.TensorProto()
    value.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(value)


def classifier(model, inputs):
    """The test's node behind images: (model, images as (N, H, W, C)), or why that cannot be."""
    graph = model.graph
    images = inputs[0]
    if images.dtype not in (np.float32, np.float16, np.float64) or images.ndim < 2 or 0 in images.shape:
        return None, "its first input is no batch of real numbers"
    if len(graph.output) > 1 and any(graph.output[0].name == "" for _ in [0]):
        return None, "it has no first output"
    N, extents = images.shape[0], images.shape[1:]
    kind = onnx.helper.np_dtype_to_tensor_dtype(images.dtype)
    if graph.node[0].op_type in PAIRED and len(inputs) > 1 and all(
            value.dtype == images.dtype and value.ndim > 1 and len(value) == N for value in inputs):
        return paired(model, inputs, kind)
    for entry, value in list(zip(graph.input, inputs))[1:]:
        graph.initializer.append(numpy_helper.from_array(value, entry.name))
    first = graph.input[0].name
    new = []
    if images.ndim == 4:
        given, shape = images.transpose(0, 2, 3, 1), list(images.shape)
        graph.input[0].type.CopyFrom(helper.make_tensor_type_proto(kind, shape))
    else:
        # As a map of one row, whose only channel comes last.
        count = int(np.prod(extents))
        given = images.reshape(N, 1, count, 1)
        name = "images"
        while any(name in node.input or name in node.output for node in graph.node):
            name += "_"
        new = [helper.make_node("Reshape", [name, name + "_shape"], [first], name="reshape")]
        graph.initializer.append(numpy_helper.from_array(np.array([N, *extents], "int64"), name + "_shape"))
        graph.input[0].CopyFrom(helper.make_tensor_value_info(name, kind, [N, 1, 1, count]))
    del graph.input[1:]
    end(model, new, kind)
    return model, given


def paired(model, inputs, kind):
    """All inputs from one image of one row, part after part."""
    graph = model.graph
    N = len(inputs[0])
    parts = [value.reshape(N, -1) for value in inputs]
    given = np.concatenate(parts, 1).reshape(N, 1, -1, 1)
    start, new = 0, []
    def constant(name, values):
        graph.initializer.append(numpy_helper.from_array(np.array(values, "int64"), name))
        return name
    for index, (entry, value, part) in enumerate(zip(graph.input, inputs, parts)):
        bounds = [constant(f"p{index}_{k}", [v]) for k, v in enumerate((start, start + part.shape[1], 3))]
        new += [helper.make_node("Slice", ["images", *bounds], [f"part{index}"], name=f"slice{index}"),
                helper.make_node("Reshape", [f"part{index}", constant(f"shape{index}", value.shape)], [entry.name], name=f"reshape{index}")]
        start += part.shape[1]
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("images", kind, [N, 1, 1, start]))
    end(model, new, kind)
    return model, given


def end(model, before, kind):
    """A flat output behind the test's node; truth values as numbers."""
    graph = model.graph
    output = graph.output[0].name
    nodes = before + list(graph.node) + [
        helper.make_node("Cast", [output], [output + "_real"], name="cast", to=kind),
        helper.make_node("Flatten", [output + "_real"], [output + "_flat"], name="flatten", axis=1)]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(output + "_flat", kind, None))


def cases():
    """(name, model, inputs, first output); None for data that are no tensors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases
        for case in collect_testcases(None):
            inputs, outputs = case.data_sets[0]
            arrays = all(isinstance(value, np.ndarray) for value in (*inputs, outputs[0]))
            yield case.name, case.model, list(inputs) if arrays else None, outputs[0]
    for folder in sorted(debian.iterdir()) if debian.is_dir() else []:
        model, data = onnx.load(folder / "model.onnx"), folder / "test_data_set_0"
        try:
            inputs = [tensor(data / f"input_{index}.pb") for index in range(len(model.graph.input))]
            yield f"{folder.name} (Debian)", model, inputs, tensor(data / "output_0.pb")
        except Exception:
            yield f"{folder.name} (Debian)", model, None, None


def main():
    results, passed, failed = {}, Counter(), []
    for name, model, inputs, expected in cases():
        types = [node.op_type for node in model.graph.node]
        if wanted and name not in wanted or len(types) != 1 or types[0] not in OPERATORS:
            continue
        if inputs is None or not isinstance(expected, np.ndarray):
            results[name] = "its data are no plain arrays"
            continue
        known = KNOWN.get(name) or KNOWN.get(name.removesuffix(" (Debian)"))
        if known:
            results[name] = known
            continue
        if len(inputs) == 1 and inputs[0].ndim == 1 and expected.shape == inputs[0].shape and types[0] not in AXIAL:
            inputs, expected = [inputs[0][None]], expected[None]
        if not inputs or types[0] in ("Constant", "ConstantOfShape", "Range", "Shape", "Size"):
            results[name] = "of constants alone, which tests of shapes cover"
            continue
        made, images = classifier(model, inputs)
        if made is None:
            results[name] = images
            continue
        if expected.ndim == 0 or expected.shape[0] != inputs[0].shape[0]:
            results[name] = "its output is no batch"
            continue
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            onnx.save(made, scratch / "m.onnx")
            np.ascontiguousarray(images, "float32").tofile(scratch / "x")
            done = subprocess.run(
                [program, "logits", str(scratch / "m.onnx"), str(scratch / "x"), str(scratch / "y")],
                capture_output=True, text=True)
            if done.returncode == 2:
                results[name] = done.stderr.strip().replace(str(scratch), "").split(": ", 2)[-1]
                continue
            if done.returncode:
                failed.append((name, f"status {done.returncode}: {done.stderr.strip()[:200]}"))
                continue
            ours = np.fromfile(scratch / "y", "float32")
            theirs = np.asarray(expected, "float32").ravel()
            if types[0] in ("Softmax", "LogSoftmax") and ours.size == theirs.size and len(inputs[0]) and ours.shape == theirs.shape:
                ours = softmaxed(ours, theirs, len(inputs[0]))
            tolerance = 2e-2 if inputs[0].dtype == np.float16 else 1e-3
            if ours.size != theirs.size:
                failed.append((name, f"{ours.size} numbers, not {theirs.size}"))
            elif not np.allclose(ours, theirs, rtol=tolerance, atol=max(1e-5, tolerance * 1e-2), equal_nan=True):
                failed.append((name, f"differs by {np.nanmax(np.abs(ours - theirs)):.2g}"))
            else:
                passed[types[0]] += 1
    print(f"Passed: {sum(passed.values())} tests of {len(passed)} operators: "
          + ", ".join(f"{name} {count}" for name, count in sorted(passed.items())))
    print(f"Not read, {len(results)}:")
    for name, reason in sorted(results.items()):
        print(f"  {name}: {reason[:160]}")
    for name, reason in failed:
        print(f"FAILED {name}: {reason}")
    print(f"{len(failed)} fail.")
    sys.exit(bool(failed))


def softmaxed(ours, theirs, rows):
    """A softmax over all of an image's numbers is left out at the end of a network."""
    logits = ours.reshape(rows, -1)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    if np.allclose(theirs.reshape(rows, -1).sum(1), 1, atol=1e-3):
        return (powers / powers.sum(1, keepdims=True)).ravel()
    if np.allclose(np.exp(theirs.reshape(rows, -1)).sum(1), 1, atol=1e-3):
        return (logits - logits.max(1, keepdims=True) - np.log(powers.sum(1, keepdims=True))).ravel()
    return ours


# Tests whose numbers ONNX Runtime does not have either, or whose files are broken.
KNOWN = {
    "test_resize_downsample_scales_linear_align_corners": "places by a size that is no whole number; ONNX Runtime and PyTorch differ too",
    "test_resize_downsample_scales_cubic_align_corners": "places by a size that is no whole number; ONNX Runtime and PyTorch differ too",
    "test_cast_FLOAT_to_BFLOAT16 (Debian)": "its file holds the bits of bfloat16 as numbers",
    "test_castlike_FLOAT_to_BFLOAT16_expanded (Debian)": "its file holds the bits of bfloat16 as numbers",
}
AXIAL = {"Softmax", "LogSoftmax", "Reshape", "Transpose"}
# Operators whose inputs are all taken from the images.
PAIRED = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Mean", "Sum", "MatMul", "Concat", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}


main()
