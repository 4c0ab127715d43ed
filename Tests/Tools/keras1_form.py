"""Rewrites an HDF5 model of Keras 2 in the form of Keras 1.2, which no Keras of today writes.

Layers have Keras 1's classes and settings (`Convolution2D`, `nb_filter`, `border_mode`, `Merge`), a Sequential model is a plain list,
and arrays are called as there (`conv2d_W`). The numbers are the same.
"""

import json
import shutil

import h5py

MERGES = {"Add": "sum", "Multiply": "mul", "Average": "ave", "Maximum": "max", "Concatenate": "concat"}
# Settings that Keras 1 has under the same names.
SAME = {"name", "trainable", "activation", "epsilon", "momentum", "axis", "alpha", "target_shape", "dims", "n", "size", "cropping"}
SUFFIXES = {"kernel": "W", "bias": "b", "moving_mean": "running_mean", "moving_variance": "running_std"}


class Unknown(Exception):
    """Keras 1 has no such layer or setting."""


def settings(name, config):
    own = {key: value for key, value in config.items() if key in SAME}
    if "batch_input_shape" in config:
        own["batch_input_shape"] = config["batch_input_shape"]
    if config.get("data_format") == "channels_first":
        raise Unknown("channels_first")
    spatial = "2D" in name
    if spatial:
        own["dim_ordering"] = "tf"
    if "padding" in config and isinstance(config["padding"], str):
        own["border_mode"] = config["padding"]
    if name == "Conv2D":
        if config["groups"] != 1 or tuple(config["dilation_rate"]) != (1, 1):
            raise Unknown("groups or dilation")
        rows, columns = config["kernel_size"]
        own |= {"nb_filter": config["filters"], "nb_row": rows, "nb_col": columns, "subsample": config["strides"],
                "bias": config["use_bias"]}
        return "Convolution2D", own
    if name == "SeparableConv2D":
        rows, columns = config["kernel_size"]
        own |= {"nb_filter": config["filters"], "nb_row": rows, "nb_col": columns, "subsample": config["strides"],
                "bias": config["use_bias"], "depth_multiplier": config["depth_multiplier"]}
        return "SeparableConvolution2D", own
    if name == "Dense":
        return name, own | {"output_dim": config["units"], "bias": config["use_bias"]}
    if name in ("MaxPooling2D", "AveragePooling2D"):
        return name, own | {"pool_size": config["pool_size"], "strides": config["strides"]}
    if name == "ZeroPadding2D":
        (top, bottom), (left, right) = config["padding"]
        return name, own | {"padding": [top, bottom, left, right]}
    if name == "UpSampling2D":
        if config.get("interpolation", "nearest") != "nearest":
            raise Unknown("bilinear")
        return name, own
    if name == "BatchNormalization":
        if not (config["scale"] and config["center"]):
            raise Unknown("no scale")
        own["axis"] = config["axis"][0] if isinstance(config["axis"], list) else config["axis"]
        return name, own | {"mode": 0}
    if name == "Dropout":
        return name, own | {"p": config["rate"]}
    if name in MERGES:
        return "Merge", own | {"mode": MERGES[name], "concat_axis": config.get("axis", -1), "mode_type": "raw"}
    if name == "LeakyReLU":
        return name, own
    if name in ("InputLayer", "Flatten", "Activation", "Reshape", "Permute", "RepeatVector", "Cropping2D", "ELU",
                "GlobalMaxPooling2D", "GlobalAveragePooling2D"):
        if config.get("keepdims"):
            raise Unknown("keepdims")
        return name, own
    raise Unknown(name)


def model(config):
    layers = []
    for layer in config["config"]["layers"]:
        name, own = settings(layer["class_name"], layer["config"])
        if own.get("activation", "linear") not in ("linear", "relu", "tanh", "sigmoid", "softmax", "softplus", "softsign", "hard_sigmoid"):
            raise Unknown(own["activation"])
        changed = {"class_name": name, "config": own}
        if "inbound_nodes" in layer:
            # Keras 1 had three entries for each tensor, and no keywords.
            if any(tensor[3] for node in layer["inbound_nodes"] for tensor in node):
                raise Unknown("a call with keywords")
            changed |= {"name": layer["name"], "inbound_nodes": [[t[:3] for t in node] for node in layer["inbound_nodes"]]}
        layers.append(changed)
    if config["class_name"] == "Sequential":
        # The first layer says what it takes.
        if layers[0]["class_name"] == "InputLayer":
            layers[1]["config"]["batch_input_shape"] = layers[0]["config"]["batch_input_shape"]
        return {"class_name": "Sequential", "config": [layer for layer in layers if layer["class_name"] != "InputLayer"]}
    return {"class_name": "Model", "config": {**config["config"], "layers": layers}}


def rewrite(source, target):
    """Raises Unknown where Keras 1 has not what the model has."""
    with h5py.File(source) as file:
        config = json.loads(file.attrs["model_config"])
    changed = json.dumps(model(config))
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        file.attrs["model_config"] = changed
        file.attrs["keras_version"] = "1.2.2"
        weights = file["model_weights"]
        weights.attrs["keras_version"] = "1.2.2"
        for layer in weights.attrs["layer_names"]:
            layer = layer.decode() if isinstance(layer, bytes) else layer
            group = weights[layer]
            names = []
            for path in group.attrs["weight_names"]:
                path = path.decode() if isinstance(path, bytes) else path
                short = path.split("/")[-1].split(":")[0]
                name = f"{layer}_{SUFFIXES.get(short, short)}:0"
                group[name] = group[path][()]
                names.append(name)
                del group[path]
            group.attrs["weight_names"] = [name.encode() for name in names] if names else group.attrs["weight_names"]
