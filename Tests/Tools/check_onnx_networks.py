"""Compares Espalier's logits with those of ONNX Runtime, network by network, and repaired networks as ONNX Runtime opens them.

    check_onnx_networks.py ESPALIER [NAME...]

Each network is exported by both of PyTorch's exporters (`script` and `dynamo`), read by Espalier, and its logits have to be within
1e-4 of the largest of ONNX Runtime's on random images, with the same classes. Then one is pruned with X = 10: ONNX Runtime opens
what was written, counts the hits that the curve has, and agrees on logits again.
"""

import io
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch

sys.path.insert(0, os.path.dirname(__file__))
import onnx_networks

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
onnxruntime.set_default_logger_severity(3)
program, wanted = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "espalier"), sys.argv[2:]
ROWS = 4
OPSETS = [9, 11, 13, 15, 17, 20]


def predict(path, images):
    """By ONNX Runtime; images are (N, C, H, W)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    kind = "float16" if "float16" in entry.type else "float32"
    size = entry.shape[0] if isinstance(entry.shape[0], int) else len(images)
    parts = [images[start:start + size] for start in range(0, len(images), size)]
    answers = [session.run(None, {entry.name: part.astype(kind)})[0] for part in parts]
    return np.concatenate(answers).astype("float32").reshape(len(images), -1)


def logits(path, images, folder, *more):
    """By Espalier; images are (N, C, H, W)."""
    source, target = folder / "images.f32", folder / "logits.f32"
    turned = np.ascontiguousarray(np.transpose(images, (0, 2, 3, 1)), "float32")
    turned.tofile(source)
    done = subprocess.run(
        [program, "logits", str(path), str(source), str(target), "--shape", ",".join(map(str, turned.shape[1:])), *more],
        capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr.strip() or f"status {done.returncode}")
    return np.fromfile(target, "float32").reshape(len(images), -1)


def compare(ours, theirs, name="", tolerance=1e-4):
    if name in ("linear", "log_softmax"):
        # Espalier answers what the last softmax is of.
        ours = ours - ours.max(1, keepdims=True)
        ours = ours - np.log(np.exp(ours).sum(1, keepdims=True))
        theirs = theirs if name == "log_softmax" else np.log(theirs)
    scale = max(np.abs(theirs).max(), 1e-3)
    error = np.abs(ours - theirs).max() / scale
    assert np.isfinite(ours).all(), "numbers that are not finite"
    assert error < tolerance, f"logits differ by {error:.1e} of the largest"
    # Where two classes are nearer to each other than rounding, either may come first.
    best = np.sort(theirs, 1)
    clear = best[:, -1] - best[:, -2] > 2 * error * scale
    assert (ours.argmax(1) == theirs.argmax(1))[clear].all(), "other classes"
    return error


def check_pruned(name, path, shape, folder, rows=24, tolerance=1e-4):
    """Prunes, and lets ONNX Runtime open the result."""
    pixels = np.random.default_rng(5).integers(0, 256, (rows, *shape), dtype="uint8")
    scaled = pixels.astype("float32") / 255
    answer = predict(path, scaled)
    np.save(folder / "x.npy", np.transpose(pixels, (0, 2, 3, 1)))
    np.save(folder / "y.npy", answer.argmax(1))
    run = folder / "run"
    done = subprocess.run(
        [program, "prune", "--model", str(path), "--input-scale", "1/255", "--clean-valid", f"{folder}/x.npy,{folder}/y.npy",
         "--drops", "10", "--output", str(run)], capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip().split("\n")[-1].replace(str(path), path.name)
    record = json.loads((run / "run.json").read_text())
    repaired = record["repaired"][0]
    if not repaired["model"]:
        return f"{record['layer']}: never falls by 10 points"
    written = run / repaired["model"]
    assert written.suffix == ".onnx", f"{written.name} is in another format"
    onnx.checker.check_model(str(written))
    before, after = onnx.load(path, load_external_data=False).graph, onnx.load(written).graph
    assert [(n.name, n.op_type) for n in before.node] == [(n.name, n.op_type) for n in after.node], "another graph"
    theirs = predict(written, scaled)
    error = compare(logits(written, scaled, folder), theirs, name, tolerance)
    hits = int((theirs.argmax(1) == answer.argmax(1)).sum())
    at = record["curve"][repaired["channelsPruned"]]["cleanValid"]["hits"]
    assert abs(hits - at) <= (2 if tolerance > 1e-4 else 0), f"ONNX Runtime counts {hits} hits, the curve {at}"
    return f"{record['layer']}: {repaired['channelsPruned']} pruned, ONNX Runtime agrees ({error:.0e})"


def export(module, shape, path, exporter, opset):
    """By one of PyTorch's exporters; the number of images is left open by `script`, and fixed at 1 by every other network."""
    example = torch.zeros(1, *shape)
    captured = io.StringIO()
    if exporter == "dynamo":
        standard, sys.stdout = sys.stdout, captured
        try:
            torch.onnx.export(module, (example,), str(path), dynamo=True, verbose=False)
        finally:
            sys.stdout = standard
    else:
        fixed = opset % 2 == 0
        torch.onnx.export(
            module, (example,), str(path), dynamo=False, opset_version=opset, input_names=["images"],
            output_names=["logits"], dynamic_axes=None if fixed else {"images": {0: "batch"}, "logits": {0: "batch"}},
            training=torch.onnx.TrainingMode.PRESERVE if opset in (9, 15) else torch.onnx.TrainingMode.EVAL,
            do_constant_folding=opset not in (9, 15))


def half(path, target):
    """The same network with weights and values of 16 bits."""
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor).astype("float16"), tensor.name))
    for value in list(model.graph.input) + list(model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    del model.graph.value_info[:]
    onnx.save(model, target)


def main():
    failed = checked = 0
    networks = [(name, module, shape, False) for name, module, shape in onnx_networks.small()]
    networks += [(name, module, shape, True) for name, module, shape in onnx_networks.large()]
    for index, (name, module, shape, isLarge) in enumerate(networks):
        if wanted and not any(name == w or w.endswith("*") and name.startswith(w[:-1]) for w in wanted):
            continue
        onnx_networks.randomize(module)
        images = np.random.default_rng(2).uniform(0, 1, (ROWS, *shape)).astype("float32")
        for exporter in ("script", "dynamo"):
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                path = folder / "network.onnx"
                opset = 17 if isLarge else OPSETS[index % len(OPSETS)]
                try:
                    try:
                        export(module, shape, path, exporter, opset)
                    except Exception:
                        if exporter == "dynamo":
                            raise
                        opset = 20
                        export(module, shape, path, exporter, opset)
                    opset = onnx.load(path, load_external_data=False).opset_import[0].version
                    theirs = predict(path, images)
                except Exception as problem:
                    print(f"{name}.{exporter}: PyTorch or ONNX Runtime itself: {(str(problem).splitlines() or [repr(problem)])[0][:100]}", flush=True)
                    continue
                try:
                    error = compare(logits(path, images, folder), theirs, name)
                    pruned = check_pruned(name, path, shape, folder, rows=10 if isLarge else 24)
                    if name in ("lenet", "ResNet18_32") and exporter == "script":
                        half(path, folder / "half.onnx")
                        theirs = predict(folder / "half.onnx", images)
                        pruned += f"; float16 within {compare(logits(folder / 'half.onnx', images, folder), theirs, name, 2e-2):.0e}"
                        check_pruned(name, folder / "half.onnx", shape, folder, tolerance=2e-2)
                    print(f"{name}.{exporter} (opset {opset}): within {error:.0e}; {pruned}", flush=True)
                    checked += 1
                except Exception as problem:
                    failed += 1
                    print(f"FAILED {name}.{exporter} (opset {opset}): {str(problem)[:600]}", flush=True)
    print(f"{checked} files agree, {failed} do not.")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
