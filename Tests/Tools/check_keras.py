"""Holds what Keras makes of Espalier's models up to Espalier itself; see check-keras.sh.

For each repaired network of each run: keras.models.load_model opens it, its weights are those of the original but for the
pruned channels, which are 0, and Keras predicts the class of every image as Espalier does. Where nothing is pruned,
its probabilities are those that Keras computes for the original, within 1e-4.
"""

import json
import logging
import pathlib
import subprocess
import sys
import tempfile

import h5py
import keras
import numpy as np

SPLITS = ("cleanValid", "cleanTest", "backdooredValid", "backdooredTest")


def espalier(*arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"espalier {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def faces(path, scale):
    """(N, H, W, C), scaled."""
    with h5py.File(path) as file:
        return np.transpose(file["data"][:], (0, 2, 3, 1)).astype("float32") * np.float32(scale)


def stored_weights(path, layer):
    with h5py.File(path) as file:
        group = file["model_weights"] if "model_weights" in file else file
        if layer not in group:
            return []
        return [group[layer][name][()] for name in group[layer].attrs["weight_names"]]


def check_weights(model, original, pruned):
    """The weights are the original's, but for the pruned channels of one layer, which are 0."""
    changed = set()
    for layer in model.layers:
        for own, first in zip(layer.get_weights(), stored_weights(original, layer.name), strict=True):
            different = np.argwhere(own != first)
            if len(different):
                assert set(different[:, -1]) <= set(pruned), f"{layer.name}: another channel differs"
                assert not own[..., pruned].any(), f"{layer.name}: a pruned channel is not 0"
                changed.add(layer.name)
    assert len(changed) <= 1, f"several layers differ: {changed}"


def check_classes(network, probabilities, run, path, folder):
    """Espalier answers for every image the class that Keras answers."""
    labelled = folder / "labelled.h5"
    with h5py.File(path) as file, h5py.File(labelled, "w") as out:
        out["data"] = file["data"][:]
        out["label"] = probabilities.argmax(axis=1).astype("float64")
    rates = json.loads(espalier(
        "evaluate", "--model", network, "--input-scale", run["model"]["inputScale"], "--clean-test", labelled, "--json"))
    rate = rates[0]["rates"]["cleanTest"]
    # Two classes may be equally likely but for rounding: one such image is let pass, and shown.
    assert rate["total"] == len(probabilities) and rate["hits"] >= rate["total"] - 1, f"{path}: {rate}"
    return rate["total"] - rate["hits"]


def original_probabilities(path, images, split):
    """What Keras computes for the original; None for bare weights that Keras was not asked about."""
    with h5py.File(path) as file:
        is_whole = "model_config" in file.attrs
    if is_whole:
        return keras.models.load_model(path, compile=False).predict(images, verbose=0)
    reference = path.parent.parent / "reference" / "keras_reference.h5"
    if not reference.exists():
        return None
    names = dict(zip(SPLITS, ("valid", "test", "bd_valid", "bd_test")))
    with h5py.File(reference) as file:
        logits = file[path.stem]["logits"][names[split]][:].astype("float64")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def check_run(folder, scratch):
    run = json.loads((folder / "run.json").read_text())

    def place(path):
        """A run that trained its network names files inside its folder."""
        inside = folder / path
        return inside if inside.exists() else pathlib.Path(path)

    original, checked = place(run["model"]["path"]), 0
    for repaired in run["repaired"]:
        if repaired["model"] is None:
            continue
        network = folder / repaired["model"]
        model = keras.models.load_model(network, compile=False)
        check_weights(model, original, repaired["prunedChannels"])
        images, other, worst = 0, 0, None
        for split in SPLITS:
            if run["data"][split] is None:
                continue
            path = place(run["data"][split]["path"])
            pixels = faces(path, run["model"]["inputScale"])
            probabilities = model.predict(pixels, verbose=0)
            images += len(pixels)
            other += check_classes(network, probabilities, run, path, scratch)
            expected = None if repaired["prunedChannels"] else original_probabilities(original, pixels, split)
            if expected is not None:
                worst = max(worst or 0, np.abs(probabilities - expected).max())
                assert worst < 1e-4, f"{network}: probabilities differ by {worst}"
        detail = "" if worst is None else f", probabilities within {worst:.1e} of the original's"
        checked += 1
        print(f"{network}: {repaired['channelsPruned']} channels pruned, {images} images, {other} classes differ{detail}")
    return checked


def make_fixture_run(model, layer, scratch):
    """A run on a test fixture, with random images labelled as Keras predicts them."""
    network = keras.models.load_model(model, compile=False)
    height, width, colours = network.input_shape[1:]
    pixels = np.random.default_rng(1).integers(0, 256, (60, colours, height, width), dtype="uint8")
    valid, run = scratch / f"{model.stem}.h5", scratch / model.stem
    with h5py.File(valid, "w") as out:
        out["data"] = pixels
        out["label"] = network.predict(np.transpose(pixels, (0, 2, 3, 1)).astype("float32"), verbose=0).argmax(axis=1)
    espalier("prune", "--model", model, "--clean-valid", valid, "--layer", layer, "--drops", "0,1,10", "--output", run)
    return run


def make_runs(scratch):
    fixtures = project / "Tests/ModelFilesTests/Fixtures"
    for generation in ("keras2", "keras3"):
        for name, layer in (("sequential", "first"), ("functional", "left")):
            yield make_fixture_run(fixtures / f"{generation}_{name}.h5", layer, scratch)
    trained = scratch / "trained"
    # X = 0 repairs nothing: that network is the trained one.
    espalier(
        "run", "--identities", "12", "--training-images", "40", "--drops", "0,2,10", "--output", trained,
        "--figure", scratch / "figure.png", "--report", scratch / "report.md")
    yield trained
    data = project.parent / "shared" / "data"
    if not data.exists():
        print(f"{data} is absent: the published networks are left out")
        return
    for name, scale in (("bd_weights", "1"), ("sunglasses_bd_weights", "1/255")):
        run = scratch / name
        espalier(
            "prune", "--model", data / f"models/{name}.h5", "--input-scale", scale, "--drops", "0,2,4,10",
            "--clean-valid", data / "faces/valid.h5", "--clean-test", data / "faces/test.h5",
            "--backdoored-valid", data / "faces/bd_valid.h5", "--backdoored-test", data / "faces/bd_test.h5",
            "--output", run)
        yield run


logging.getLogger("tensorflow").setLevel(logging.ERROR)
program, project = sys.argv[1], pathlib.Path(sys.argv[2])
print(f"Keras {keras.__version__}")
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    runs = [pathlib.Path(argument) for argument in sys.argv[3:]] or make_runs(scratch)
    checked = sum(check_run(run, scratch) for run in runs)
if not checked:
    sys.exit("no repaired network in these runs")
print(f"{checked} repaired networks agree.")
