"""Writes a small residual network with batch normalisation and random weights, as an architecture to train.

    .venv/bin/python Tests/Tools/small_resnet.py resnet.keras 20
    espalier train --architecture resnet.keras --identities 20 …

Nine convolutions of 16, 32 and 64 channels after He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016,
for images of 55 x 47 pixels.
"""

import sys

import keras
from keras import layers


def normalised(x, filters, size, strides=1, rectified=True):
    x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(epsilon=1e-5)(x)
    return layers.ReLU()(x) if rectified else x


def block(x, filters, strides):
    y = normalised(x, filters, 3, strides)
    y = normalised(y, filters, 3, rectified=False)
    if strides != 1:
        x = normalised(x, filters, 1, strides, rectified=False)
    return layers.ReLU()(layers.Add()([x, y]))


def network(classes):
    images = keras.Input((55, 47, 3))
    x = normalised(images, 16, 3, 2)
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        x = block(x, filters, strides)
    return keras.Model(images, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x)))


if __name__ == "__main__":
    network(int(sys.argv[2])).save(sys.argv[1])
