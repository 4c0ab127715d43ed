"""Compares Espalier's logits with those of Keras, network by network, and repaired networks as Keras opens them.

    check_keras_networks.py ESPALIER [--keras2] [NAME...]

Each network is saved as .keras and .h5, read by Espalier, and its logits have to be within 1e-4 of the largest of Keras's own on
random images, with the same classes. With --keras2 networks are made by tf_keras, and each is read in the form of Keras 1 too,
where that had such layers. Then one is pruned with X = 10: Keras opens what was written, and agrees again.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

arguments = sys.argv[1:]
keras2 = "--keras2" in arguments
arguments = [argument for argument in arguments if argument != "--keras2"]
if keras2:
    import tf_keras as keras
else:
    import keras
sys.path.insert(0, os.path.dirname(__file__))
import keras1_form
import keras_networks

program, wanted = os.path.abspath(arguments[0]), arguments[1:]
ROWS = 4
# Half precision itself is coarser: only the weights are compared in it.
TOLERANCE = {"mixed_float16": 2e-2, "mixed_bfloat16": 1e-1, "bfloat16": 1e-1, "float16": 2e-2}


def logits(path, images, folder, *more):
    source, target = folder / "images.f32", folder / "logits.f32"
    np.ascontiguousarray(images, "float32").tofile(source)
    shape = ",".join(map(str, images.shape[1:] if images.ndim == 4 else images.shape[1:] + (1,)))
    done = subprocess.run(
        [program, "logits", str(path), str(source), str(target), "--shape", shape, *more], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr.strip() or f"status {done.returncode}")
    return np.fromfile(target, "float32").reshape(len(images), -1)


def compare(name, ours, theirs):
    scale = max(np.abs(theirs).max(), 1e-3)
    error = np.abs(ours - theirs).max() / scale
    assert error < TOLERANCE.get(name, 1e-4), f"logits differ by {error:.1e} of the largest"
    if name not in TOLERANCE:
        assert (ours.argmax(1) == theirs.argmax(1)).all(), "other classes"
    return error


def settle(model, images):
    """Lowers the gammas of a very deep network until Keras, called in two ways, answers the same: with random ones around 1 its values
    grow from layer to layer, and roundings with them."""
    for _ in range(4):
        answers = [np.asarray(answer, "float32") for answer in (model.predict(images, verbose=0), model(images, training=False))]
        if np.abs(answers[0] - answers[1]).max() < 1e-5 * np.abs(answers[0]).max():
            return
        for variable in model.weights:
            if variable.path.endswith("gamma"):
                variable.assign(variable.numpy() * 0.7)
    raise AssertionError("Keras differs from itself")


def check_pruned(name, path, model, images, turned, folder):
    """Prunes, and lets Keras open the result."""
    data = folder / "valid.h5"
    pixels = np.random.default_rng(5).integers(0, 256, (24, *images.shape[1:]), dtype="uint8")
    scaled = pixels.astype("float32") / 255
    answer = model.predict(np.transpose(scaled, (0, 3, 1, 2)) if turned else scaled, verbose=0)
    answer = answer[0] if isinstance(answer, (list, tuple)) else answer
    with h5py.File(data, "w") as file:
        file["data"] = np.transpose(pixels, (0, 3, 1, 2))
        file["label"] = np.asarray(answer, "float32").argmax(1).astype("float64")
    run = folder / "run"
    done = subprocess.run(
        [program, "prune", "--model", str(path), "--input-scale", "1/255", "--clean-valid", str(data), "--drops", "10",
         "--output", str(run)], capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip().split("\n")[-1]
    record = json.loads((run / "run.json").read_text())
    repaired = record["repaired"][0]
    if not repaired["model"]:
        return f"{record['layer']}: never falls by 10 points"
    written = run / repaired["model"]
    assert written.suffix == path.suffix, f"{written.name} is in another format"
    again = keras.models.load_model(written, compile=False)
    theirs = again.predict(np.transpose(scaled, (0, 3, 1, 2)) if turned else scaled, verbose=0)
    theirs = np.asarray(theirs[0] if isinstance(theirs, (list, tuple)) else theirs, "float32")
    error = compare(name, logits(written, scaled, folder), theirs)
    hits = int((theirs.argmax(1) == np.asarray(answer, "float32").argmax(1)).sum())
    at = record["curve"][repaired["channelsPruned"]]["cleanValid"]["hits"]
    assert abs(hits - at) <= (2 if name in TOLERANCE else 0), f"Keras counts {hits} hits, the curve {at}"
    return f"{record['layer']}: {repaired['channelsPruned']} pruned, Keras agrees ({error:.0e})"


failed = checked = 0
networks = list(keras_networks.small(keras)) + ([] if keras2 else list(keras_networks.applications(keras)))
for name, make in networks:
    if wanted and name not in wanted and not any(w.endswith("*") and name.startswith(w[:-1]) for w in wanted):
        continue
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        try:
            keras.utils.set_random_seed(3)
            model = keras_networks.randomize(make())
            if name == "normalization_stored":
                # Keras takes these numbers when it loads a model.
                model.save(folder / "first.keras")
                model = keras.models.load_model(folder / "first.keras")
            shape = [extent or 9 for extent in model.input_shape[1:]]
            turned = name.startswith("channels_first")
            if turned:
                shape = [shape[1], shape[2], shape[0]]
            large = shape[0] > 9 and name[0].isupper()
            images = np.random.default_rng(2).uniform(0, 255 if large else 1, (ROWS, *shape)).astype("float32")
            if large:
                settle(model, images)
            theirs = model.predict(np.transpose(images, (0, 3, 1, 2)) if turned else images, verbose=0)
            several = isinstance(theirs, (list, tuple))
            theirs = [np.asarray(part, "float32") for part in theirs] if several else np.asarray(theirs, "float32")
        except Exception as problem:
            print(f"{name}: Keras itself: {str(problem).splitlines()[0][:100]}", flush=True)
            continue
        for ending in ("h5",) if keras2 else ("keras", "h5"):
            path = folder / f"network.{ending}"
            try:
                model.save(path)
                try:
                    keras.models.load_model(path, compile=False)
                except Exception as problem:
                    print(f"{name}.{ending}: Keras does not load what it saved: {str(problem).splitlines()[0][:100]}", flush=True)
                    error = compare(name, logits(path, images, folder), theirs[0] if several else theirs)
                    print(f"{name}.{ending}: within {error:.0e}", flush=True)
                    checked += 1
                    continue
                if several:
                    compare(name, logits(path, images, folder, "--output-layer", "other"), theirs[1])
                error = compare(name, logits(path, images, folder), theirs[0] if several else theirs)
                pruned = check_pruned(name, path, model, images, turned, folder) if images.ndim == 4 and not large else ""
                print(f"{name}.{ending}: within {error:.0e}{'; ' if pruned else ''}{pruned}", flush=True)
                checked += 1
                if keras2:
                    try:
                        keras1_form.rewrite(path, folder / "first.h5")
                    except keras1_form.Unknown:
                        continue
                    error = compare(name, logits(folder / "first.h5", images, folder), theirs[0] if several else theirs)
                    print(f"{name}, as Keras 1: within {error:.0e}", flush=True)
                    checked += 1
            except Exception as problem:
                failed += 1
                print(f"FAILED {name}.{ending}: {str(problem)[:300]}", flush=True)
print(f"{checked} files agree, {failed} do not.")
sys.exit(failed > 0)
