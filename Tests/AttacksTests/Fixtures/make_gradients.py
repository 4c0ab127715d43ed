"""Writes one training step of a small DeepID: logits, loss and the gradient of every weight, as Keras computes them.

python make_gradients.py      needs: pip install tensorflow-cpu
"""

import h5py
import keras
import numpy as np
import tensorflow as tf

L = keras.layers
keras.utils.set_random_seed(3)
x = keras.Input((55, 47, 3), name="input")
y = x
for index, (filters, size) in enumerate(((4, 4), (6, 3), (8, 3)), start=1):
    y = L.Conv2D(filters, size, activation="relu", name=f"conv_{index}")(y)
    y = L.MaxPooling2D(2, name=f"pool_{index}")(y)
a = L.Dense(12, name="fc_1")(L.Flatten(name="flatten_1")(y))
b = L.Dense(12, name="fc_2")(L.Flatten(name="flatten_2")(L.Conv2D(10, 2, activation="relu", name="conv_4")(y)))
z = L.Dense(5, name="output")(L.Activation("relu", name="activation_1")(L.Add(name="add_1")([a, b])))
model = keras.Model(x, z)
model.save("gradients_model.h5")

rng = np.random.default_rng(5)
images = rng.integers(0, 256, (6, 55, 47, 3)).astype("uint8")
labels = rng.integers(0, 5, 6)
with tf.GradientTape() as tape:
    logits = model(images.astype("float32") / 127.5, training=True)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
gradients = tape.gradient(loss, model.trainable_weights)
with h5py.File("gradients.h5", "w") as out:
    out["images"], out["labels"] = images, labels
    out["logits"], out["loss"] = logits.numpy(), np.float64(loss.numpy())
    for variable, gradient in zip(model.trainable_weights, gradients):
        out["gradients/" + variable.path] = gradient.numpy()
