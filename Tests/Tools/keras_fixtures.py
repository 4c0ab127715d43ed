"""Writes the small networks of current Keras that the tests read, beside images and what Keras answers to them.

    keras_fixtures.py FOLDER      needs: pip install keras tensorflow-cpu h5py

Each NAME.keras or NAME.h5 has a NAME.json with `images`, (N, H, W, C), and `logits`, (N, classes). A network holds many layers
side by side, all reading one convolution's maps, so that few files hold every layer class and activation that is read.
"""

import json
import os
import pathlib
import sys
import zipfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers as L
from keras import ops

sys.path.insert(0, os.path.dirname(__file__))
import keras_networks

folder = pathlib.Path(sys.argv[1])
SHAPE = (8, 6, 3)


def beside(*parts, channels=6, shape=SHAPE):
    """Parts that all read one convolution's maps; a classifier reads the means of what they answer."""
    inputs = keras.Input(shape)
    maps = L.Conv2D(channels, 3, padding="same", name="first")(inputs)
    answers = []
    for part in parts:
        x = maps
        for layer in part if isinstance(part, (list, tuple)) else [part]:
            x = layer(x)
        answers.append(L.GlobalAveragePooling2D()(x) if len(x.shape) == 4 else L.Flatten()(x) if len(x.shape) == 3 else x)
    return keras.Model(inputs, L.Dense(4, name="last")(L.Concatenate()(answers)))


def activations():
    names = (
        "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid log_softmax "
        "mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid "
        "squareplus tanh tanh_shrink").split()
    return beside(*(L.Activation(name, name=name) for name in names if hasattr(keras.activations, name)))


def activation_layers():
    return beside(
        L.ReLU(), L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2), L.LeakyReLU(), L.ELU(0.7), L.PReLU(),
        L.PReLU(shared_axes=[1, 2]), L.Softmax(), L.Softmax(axis=1))


def convolutions():
    return beside(
        L.Conv2D(4, 3, strides=2, padding="same"), L.Conv2D(4, 3, strides=(2, 1), use_bias=False), L.Conv2D(4, 3, dilation_rate=2),
        L.Conv2D(4, 3, groups=2, activation="relu"), L.DepthwiseConv2D(3, padding="same"),
        L.DepthwiseConv2D((3, 2), strides=2, depth_multiplier=2), L.DepthwiseConv2D(2, dilation_rate=2),
        L.SeparableConv2D(5, 3, strides=2, padding="same", depth_multiplier=2, activation="elu"),
        L.Conv2DTranspose(3, 3, strides=2, padding="same"), L.Conv2DTranspose(3, 2, strides=3),
        L.Conv2DTranspose(3, 3, strides=2, output_padding=1), [L.Flatten(), L.Dense(3, activation="tanh")])


def pools():
    return beside(
        L.MaxPooling2D(2), L.MaxPooling2D(3, strides=2, padding="same"), L.AveragePooling2D(2), L.GlobalMaxPooling2D(),
        L.AveragePooling2D(3, strides=1, padding="same"), L.GlobalAveragePooling2D(), L.GlobalMaxPooling2D(keepdims=True),
        L.UpSampling2D((2, 3)), L.UpSampling2D(2, interpolation="bilinear"), L.ZeroPadding2D(((1, 2), (0, 3))),
        L.Cropping2D(((1, 0), (2, 1))), L.Resizing(7, 5), L.CenterCrop(3, 2))


def normalizations():
    return beside(
        L.BatchNormalization(), L.BatchNormalization(scale=False, center=False), L.BatchNormalization(axis=1),
        L.LayerNormalization(), L.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5), L.RMSNormalization(),
        L.GroupNormalization(groups=3), L.GroupNormalization(groups=-1), L.UnitNormalization(), L.Rescaling(0.25, offset=-1),
        L.Normalization(mean=[1.0, 2, 3, 4, 5, 6], variance=[4.0, 5, 6, 7, 8, 9]))


def shapes():
    return beside(
        [L.Reshape((6, 8, -1)), L.Permute((3, 1, 2)), L.Conv2D(3, 2)],
        [L.GlobalAveragePooling2D(), L.RepeatVector(3), L.Dense(4)],
        [L.RandomFlip(), L.RandomRotation(0.1), L.GaussianNoise(0.1), L.Dropout(0.2), L.SpatialDropout2D(0.3),
         L.GaussianDropout(0.1), L.ActivityRegularization(l2=0.1)],
        [L.Flatten(), L.Dense(3)])


def merges():
    inputs = keras.Input(SHAPE)
    a = L.Conv2D(4, 3, name="a")(inputs)
    b = L.Conv2D(4, 3, name="b", activation="tanh")(inputs)
    c = L.GlobalAveragePooling2D(keepdims=True)(a)
    sums = [kind()([a, b, c]) for kind in (L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum)]
    x = L.Concatenate()([*sums, L.Subtract()([a, b])])
    return keras.Model(inputs, L.Dense(4)(L.GlobalAveragePooling2D()(x)))


def operators():
    inputs = keras.Input(SHAPE)
    x = L.Conv2D(4, 3)(inputs)
    x = 1 - (x * 2 + 1) / 3
    x = ops.relu(x)[:, 1:, ::-1] ** 2
    x = ops.concatenate([x, ops.sqrt(ops.abs(x) + 1.0)], axis=-1)
    x = ops.transpose(x, (0, 3, 1, 2))
    x = ops.maximum(ops.mean(x, axis=[2, 3]), 0.1)
    x = ops.squeeze(ops.expand_dims(x, 1), 1) + np.arange(8, dtype="float32")
    return keras.Model(inputs, L.Dense(4)(ops.gelu(ops.clip(x, -1.0, 3.0))))


def containers():
    inner_inputs = keras.Input((8, 6, 3))
    y = L.Conv2D(3, 3, padding="same", name="deep")(inner_inputs)
    inner = keras.Model(inner_inputs, L.BatchNormalization(name="norm")(y), name="inner")
    head = keras.Sequential([keras.Input((8, 6, 3)), L.Conv2D(5, 3, name="deep"), L.Flatten(), L.Dense(7)], name="head")
    shared = L.Conv2D(3, 3, padding="same", name="shared")
    inputs = keras.Input((8, 6, 3))
    x = inner(shared(inner(shared(inputs))))
    return keras.Model(inputs, L.Dense(4, name="last")(head(x)))


def residual():
    x = inputs = keras.Input(SHAPE)
    x = L.Conv2D(6, 3, padding="same", name="stem")(x)
    for block in range(2):
        y = L.Activation("relu")(L.BatchNormalization()(x))
        x = L.Add(name=f"sum_{block}")([x, L.Conv2D(6, 3, padding="same")(y)])
    x = L.Activation("relu", name="last_relu")(L.BatchNormalization()(x))
    return keras.Model(inputs, L.Dense(4)(L.GlobalAveragePooling2D()(x)))


def open_sizes():
    return beside(L.BatchNormalization(), L.ReLU(), shape=(None, None, 3))


def half(policy):
    def make():
        keras.config.set_dtype_policy(policy)
        try:
            return beside(L.BatchNormalization(), L.ReLU())
        finally:
            keras.config.set_dtype_policy("float32")
    return make


def save(name, make, *endings):
    keras.utils.set_random_seed(3)
    keras.backend.clear_session()
    model = keras_networks.randomize(make())
    images = np.round(np.random.default_rng(2).uniform(0, 1, (2, *SHAPE)), 3).astype("float32")
    logits = np.asarray(model(images, training=False), "float32")
    for ending in endings:
        path = folder / f"{name}.{ending}"
        model.save(path)
        if ending == "keras":
            deflate(path)
    text = json.dumps({"images": [float(f"{x:.3f}") for x in images.ravel()], "logits": [float(f"{x:.7g}") for x in logits.ravel()]})
    (folder / f"{name}.json").write_text(text + "\n")


def deflate(path):
    """The same archive, small, and always with the same times."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            if name == "metadata.json":
                content = json.dumps({"keras_version": json.loads(content)["keras_version"]}).encode()
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


if __name__ == "__main__":
    folder.mkdir(parents=True, exist_ok=True)
    save("activations", activations, "keras")
    save("activation_layers", activation_layers, "keras")
    save("convolutions", convolutions, "keras")
    save("pools", pools, "keras")
    save("normalizations", normalizations, "keras")
    save("shapes", shapes, "keras")
    save("merges", merges, "keras")
    save("operators", operators, "keras")
    save("containers", containers, "keras")
    save("residual", residual, "keras")
    save("mixed_bfloat16", half("mixed_bfloat16"), "keras")
    save("open_sizes", open_sizes, "keras")
    save("bfloat16", half("bfloat16"), "keras")
