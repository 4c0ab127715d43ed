"""Writes model-*.h5 and faces-*.h5: a tiny Keras model and its faces in HDF5's oldest format and in that of 1.10, whose
object headers libhdf5 parses with other code.

python make_corpus.py FOLDER      needs: pip install h5py
"""

import json
import os
import sys

import h5py
import numpy as np

os.chdir(sys.argv[1])
rng = np.random.default_rng(5)


def layer(class_name, name, inputs, **settings):
    inbound = [[[source, 0, 0, {}] for source in inputs]] if inputs else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **settings}, "inbound_nodes": inbound}


layers = [
    layer("InputLayer", "input", [], batch_input_shape=[None, 8, 8, 3]),
    layer("Conv2D", "conv_1", ["input"], filters=4, kernel_size=[3, 3], activation="relu"),
    layer("MaxPooling2D", "pool_1", ["conv_1"], pool_size=[2, 2]),
    layer("Flatten", "flatten", ["pool_1"]),
    layer("Dense", "output", ["flatten"], units=3, activation="softmax"),
]
config = {"layers": layers, "input_layers": [["input", 0, 0]], "output_layers": [["output", 0, 0]]}
weights = {"conv_1": {"kernel": (3, 3, 3, 4), "bias": (4,)}, "output": {"kernel": (36, 3), "bias": (3,)}}
for name, version in (("oldest", "earliest"), ("latest", "v110")):
    with h5py.File(f"model-{name}.h5", "w", libver=(version, "v110")) as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [entry["name"].encode() for entry in layers]
        for entry in layers:
            arrays = weights.get(entry["name"], {})
            inner = group.create_group(entry["name"])
            inner.attrs["weight_names"] = [f"{entry['name']}/{array}:0".encode() for array in arrays]
            for array, shape in arrays.items():
                inner[f"{entry['name']}/{array}:0"] = rng.normal(0, 0.01, shape).astype("f4")
    with h5py.File(f"faces-{name}.h5", "w", libver=(version, "v110")) as file:
        pixels = rng.integers(0, 256, (6, 3, 8, 8)).astype("f4" if name == "latest" else "u1")
        file.create_dataset(
            "data", data=pixels, chunks=(2, 3, 8, 8), compression="gzip", shuffle=name == "oldest",
            fletcher32=name == "oldest", maxshape=(None, 3, 8, 8))
        file["label"] = np.arange(6) % 3 + 0.0
