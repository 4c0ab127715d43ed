"""Writes the small Keras models that the tests read, with what Keras itself predicts for them.

python make_fixtures.py keras3      needs: pip install tensorflow-cpu          (Keras 3)
python make_fixtures.py keras2      needs: pip install tensorflow-cpu tf_keras (Keras 2)
"""

import sys

import h5py
import numpy as np

generation = sys.argv[1]
if generation == "keras2":
    import tf_keras as keras
else:
    import keras
L = keras.layers


def sequential():
    return keras.Sequential(
        [
            keras.Input((9, 8, 3)),
            L.Rescaling(1 / 127.5, offset=-1),
            L.Conv2D(6, 3, strides=(2, 1), padding="same", activation="relu", name="first"),
            L.MaxPooling2D((2, 2), padding="same"),
            L.BatchNormalization(),
            L.Dropout(0.5),
            L.Conv2D(5, (2, 3), use_bias=False),
            L.ReLU(max_value=1.5, negative_slope=0.1),
            L.Flatten(),
            L.Dense(7, activation="tanh"),
            L.Dense(4),
            L.Softmax(),
        ]
    )


def functional():
    x = keras.Input((10, 10, 3), name="faces")
    a = L.Conv2D(4, 3, name="left")(x)
    b = L.Conv2D(4, 3, name="right", activation="sigmoid")(x)
    s = L.Add()([a, b])
    c = L.Concatenate()([s, a, b])
    p = L.AveragePooling2D(3, strides=2, padding="same")(c)
    q = L.Activation("relu")(p)
    d = L.Conv2D(6, 2, name="deep")(q)
    g = L.GlobalAveragePooling2D()(d)
    f = L.Dense(3)(L.Flatten()(q))
    h = L.Dense(3)(g)
    y = L.Dense(5, activation="softmax", name="answer")(L.Add()([f, h]))
    return keras.Model(x, y)


rng = np.random.default_rng(20)
with h5py.File(f"{generation}_predictions.h5", "w") as out:
    for name, build in (("sequential", sequential), ("functional", functional)):
        keras.utils.set_random_seed(7)
        model = build()
        weights = [rng.normal(0, 0.4, w.shape).astype("float32") for w in model.get_weights()]
        for index, variable in enumerate(model.weights):
            if "variance" in variable.name:
                weights[index] = np.abs(weights[index]) + 0.1
        model.set_weights(weights)
        model.save(f"{generation}_{name}.h5")
        images = rng.integers(0, 256, (5, *model.input_shape[1:])).astype("float32")
        out[f"{name}/images"] = images.astype("uint8")
        out[f"{name}/probabilities"] = model.predict(images, verbose=0)
