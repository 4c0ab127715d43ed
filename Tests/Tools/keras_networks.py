"""Networks of Keras with random weights that matter, for check_keras_networks.py: every layer, activation and container that
Espalier reads, and every architecture of keras.applications at a small input."""

import numpy as np


def randomize(model, seed=1):
    """Biases, gammas, running means and variances away from their defaults."""
    random = np.random.default_rng(seed)
    for variable in model.weights:
        name = variable.path if hasattr(variable, "path") else variable.name
        last = name.split("/")[-1].split(":")[0]
        shape = tuple(variable.shape)
        if last in ("bias", "beta", "moving_mean", "mean"):
            value = random.normal(0, 0.1, shape)
        elif last in ("gamma", "scale"):
            value = random.uniform(0.5, 1.5, shape)
        elif last in ("moving_variance", "variance"):
            value = random.uniform(0.5, 2, shape)
        elif last == "alpha":
            value = random.uniform(0.05, 0.4, shape)
        else:
            continue
        variable.assign(value.astype("float32"))
    return model


def applications(keras):
    """(name, model) at the smallest input that each takes."""
    sizes = {"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}
    names = (
        "DenseNet121 DenseNet169 DenseNet201 EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 "
        "EfficientNetB5 EfficientNetB6 EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 "
        "EfficientNetV2S EfficientNetV2M EfficientNetV2L ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge "
        "ConvNeXtXLarge InceptionV3 InceptionResNetV2 MobileNet MobileNetV2 MobileNetV3Small MobileNetV3Large NASNetMobile "
        "NASNetLarge ResNet50 ResNet101 ResNet152 ResNet50V2 ResNet101V2 ResNet152V2 VGG16 VGG19 Xception").split()
    for name in names:
        size = sizes.get(name, 32)
        yield name, lambda name=name, size=size: getattr(keras.applications, name)(
            weights=None, input_shape=(size, size, 3), classes=10, classifier_activation=None)


def small(keras):
    """(name, function that makes the model), of some seconds altogether."""
    L = keras.layers
    is3 = keras.__version__.startswith("3")

    def ending(x):
        return L.Dense(5, name="logits")(x)

    def chain(*layers, shape=(9, 8, 3)):
        def make():
            x = inputs = keras.Input(shape)
            for layer in layers:
                x = layer()(x) if callable(layer) and not isinstance(layer, L.Layer) else layer(x)
            if len(x.shape) > 2:
                x = L.Flatten()(x)
            return keras.Model(inputs, ending(x))
        return make

    def conv(filters=6, size=3, **more):
        return lambda: L.Conv2D(filters, size, **more)

    yield "conv_same_stride", chain(conv(strides=2, padding="same"))
    yield "conv_valid_stride", chain(conv(strides=(2, 1)))
    yield "conv_dilated", chain(conv(dilation_rate=2, padding="same"))
    yield "conv_dilated_valid", chain(conv(dilation_rate=(1, 2)))
    yield "conv_groups", chain(conv(4, 1), conv(6, 3, groups=2, padding="same"))
    yield "conv_no_bias", chain(conv(use_bias=False, activation="relu"))
    yield "depthwise", chain(lambda: L.DepthwiseConv2D(3, padding="same"))
    yield "depthwise_multiplier", chain(lambda: L.DepthwiseConv2D((3, 2), strides=2, depth_multiplier=3, activation="relu"))
    yield "depthwise_dilated", chain(lambda: L.DepthwiseConv2D(2, dilation_rate=2))
    yield "separable", chain(lambda: L.SeparableConv2D(5, 3, strides=2, padding="same", depth_multiplier=2, activation="elu"))
    for padding in ("valid", "same"):
        for strides, size in ((1, 3), (2, 3), (3, 2), (2, 4)):
            yield f"transpose_{padding}_{strides}_{size}", chain(
                conv(4, 3), lambda p=padding, s=strides, k=size: L.Conv2DTranspose(5, k, strides=s, padding=p))
        yield f"transpose_{padding}_output_padding", chain(
            conv(4, 3), lambda p=padding: L.Conv2DTranspose(5, 3, strides=2, padding=p, output_padding=1))
    yield "pools_same", chain(
        lambda: L.MaxPooling2D(3, strides=2, padding="same"), lambda: L.AveragePooling2D(2, strides=1, padding="same"))
    yield "global_average", chain(conv(), lambda: L.GlobalAveragePooling2D())
    yield "global_average_keep", chain(conv(), lambda: L.GlobalAveragePooling2D(keepdims=True), conv(4, 1))
    yield "global_maximum", chain(conv(), lambda: L.GlobalMaxPooling2D())
    yield "zero_padding", chain(lambda: L.ZeroPadding2D(((1, 2), (0, 3))), conv(), lambda: L.ZeroPadding2D(2), conv())
    yield "cropping", chain(conv(), lambda: L.Cropping2D(((1, 0), (2, 1))))
    yield "upsampling", chain(conv(), lambda: L.UpSampling2D((2, 3)))
    yield "upsampling_bilinear", chain(conv(), lambda: L.UpSampling2D((2, 3), interpolation="bilinear"))
    yield "batch_normalization", chain(conv(), lambda: L.BatchNormalization(), lambda: L.ReLU())
    yield "batch_normalization_bare", chain(conv(), lambda: L.BatchNormalization(scale=False, center=False))
    yield "batch_normalization_axis", chain(conv(), lambda: L.BatchNormalization(axis=1))
    yield "layer_normalization", chain(conv(), lambda: L.LayerNormalization())
    yield "layer_normalization_axes", chain(conv(), lambda: L.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5))
    if is3:
        yield "rms_normalization", chain(conv(), lambda: L.RMSNormalization())
    yield "group_normalization", chain(conv(), lambda: L.GroupNormalization(groups=3))
    yield "instance_normalization", chain(conv(), lambda: L.GroupNormalization(groups=-1))
    yield "unit_normalization", chain(conv(), lambda: L.UnitNormalization())
    yield "normalization", chain(lambda: L.Normalization(mean=[1.0, 2, 3], variance=[4.0, 5, 6]), conv())
    yield "normalization_stored", chain(lambda: L.Normalization(), conv())
    yield "rescaling", chain(lambda: L.Rescaling(1 / 4, offset=-1), conv())
    yield "prelu", chain(conv(), lambda: L.PReLU(), conv(4), lambda: L.PReLU(shared_axes=[1, 2]))
    yield "leaky_elu", chain(conv(), lambda: L.LeakyReLU(), conv(4), lambda: L.ELU(0.7))
    yield "relu_settings", chain(conv(), lambda: L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2))
    yield "softmax_axis", chain(conv(), lambda: L.Softmax(axis=1))
    yield "reshape_permute", chain(conv(), lambda: L.Reshape((6, 6, -1)), lambda: L.Permute((3, 1, 2)), conv(4, 2))
    yield "repeat_vector", chain(conv(), lambda: L.GlobalAveragePooling2D(), lambda: L.RepeatVector(3), lambda: L.Dense(4))
    yield "noise", chain(
        lambda: L.RandomFlip(), lambda: L.RandomRotation(0.1), lambda: L.GaussianNoise(0.1), conv(),
        lambda: L.SpatialDropout2D(0.3), lambda: L.Dropout(0.2), lambda: L.GaussianDropout(0.1))
    if is3:
        yield "resizing", chain(lambda: L.Resizing(7, 5), conv(), lambda: L.CenterCrop(3, 2))
    activations = (
        "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid log_softmax "
        "mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid "
        "squareplus swish tanh tanh_shrink threshold").split()
    for name in activations:
        if hasattr(keras.activations, name):
            yield f"activation_{name}", chain(conv(activation=name), lambda n=name: L.Activation(n))

    def merge(kind):
        def make():
            inputs = keras.Input((8, 8, 3))
            a = L.Conv2D(4, 3, name="a")(inputs)
            b = L.Conv2D(4, 3, name="b", activation="tanh")(inputs)
            parts = [a, b] if kind == "Subtract" else [a, b, L.GlobalAveragePooling2D(keepdims=True)(a)]
            if kind == "Concatenate":
                parts = [a, b]
            x = getattr(L, kind)()(parts)
            return keras.Model(inputs, ending(L.Flatten()(x)))
        return make

    for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        yield f"merge_{kind.lower()}", merge(kind)

    def residual():
        x = inputs = keras.Input((12, 12, 3))
        x = L.Conv2D(6, 3, padding="same", name="stem")(x)
        for block in range(2):
            y = L.BatchNormalization()(x)
            y = L.Activation("relu")(y)
            y = L.Conv2D(6, 3, padding="same")(y)
            x = L.Add(name=f"sum_{block}")([x, y])
        x = L.BatchNormalization(name="last_norm")(x)
        x = L.Activation("relu", name="last")(x)
        return keras.Model(inputs, ending(L.GlobalAveragePooling2D()(x)))

    yield "residual", residual

    def nested():
        inner_inputs = keras.Input((8, 8, 3))
        y = L.Conv2D(4, 3, name="deep")(inner_inputs)
        y = L.BatchNormalization(name="norm")(y)
        inner = keras.Model(inner_inputs, y, name="inner")
        head = keras.Sequential([keras.Input((6, 6, 4)), L.Conv2D(5, 3, name="deep"), L.Flatten(), L.Dense(7)], name="head")
        inputs = keras.Input((8, 8, 3))
        return keras.Model(inputs, ending(head(inner(L.Rescaling(0.5)(inputs)))))

    yield "nested", nested

    def nested_twice():
        inner = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(3, 3, padding="same"), L.ReLU()], name="inner")
        inputs = keras.Input((8, 8, 3))
        x = inner(inner(inputs))
        return keras.Model(inputs, ending(L.Flatten()(x)))

    yield "nested_twice", nested_twice

    def shared():
        inputs = keras.Input((8, 8, 3))
        layer = L.Conv2D(3, 3, padding="same", name="shared")
        a = layer(inputs)
        b = layer(L.Activation("tanh")(a))
        return keras.Model(inputs, ending(L.Flatten()(L.Concatenate()([a, b]))))

    yield "shared", shared

    def two_outputs():
        inputs = keras.Input((8, 8, 3))
        x = L.Flatten()(L.Conv2D(3, 3)(inputs))
        return keras.Model(inputs, [ending(x), L.Dense(3, name="other")(x)])

    yield "two_outputs", two_outputs
    yield "sequential", lambda: keras.Sequential(
        [keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dense(5, name="logits")])
    yield "grey", lambda: keras.Sequential(
        [keras.Input((8, 8)), L.Flatten(), L.Dense(6, activation="relu"), L.Dense(5, name="logits")])
    yield "open_sizes", chain(conv(), lambda: L.GlobalAveragePooling2D(), shape=(None, None, 3))

    def squeeze_excite():
        inputs = keras.Input((8, 8, 3))
        x = L.Conv2D(6, 3, activation="swish")(inputs)
        s = L.GlobalAveragePooling2D()(x)
        s = L.Reshape((1, 1, 6))(s)
        s = L.Conv2D(6, 1, activation="hard_sigmoid")(s)
        return keras.Model(inputs, ending(L.GlobalAveragePooling2D()(L.Multiply()([x, s]))))

    yield "squeeze_excite", squeeze_excite

    def operators():
        inputs = keras.Input((8, 8, 3))
        x = L.Conv2D(4, 3)(inputs)
        x = 1 - (x * 2 + 1) / 3
        if is3:
            from keras import ops
            x = ops.relu(x)[:, 1:, ::-1] ** 2
            x = ops.concatenate([x, ops.sqrt(ops.abs(x) + 1.0)], axis=-1)
            x = ops.transpose(x, (0, 3, 1, 2))
            x = ops.maximum(ops.mean(x, axis=[2, 3]), 0.1)
            x = ops.squeeze(ops.expand_dims(x, 1), 1) + np.arange(8, dtype="float32")
            x = ops.gelu(ops.clip(x, -1.0, 3.0))
        else:
            import tensorflow as tf
            x = tf.nn.relu(x)[:, 1:, ::2]
            x = tf.concat([x, tf.sqrt(tf.abs(x) + 1.0)], axis=-1)
            x = tf.reduce_mean(x, axis=[1, 2])
            x = tf.maximum(x, 0.1)
        return keras.Model(inputs, ending(x))

    yield "operators", operators

    if is3:
        def channels_first():
            inputs = keras.Input((3, 9, 8))
            x = L.Conv2D(6, 3, data_format="channels_first")(inputs)
            x = L.BatchNormalization(axis=1)(x)
            x = L.ReLU()(x)
            y = L.Conv2D(6, 3, padding="same", data_format="channels_first")(x)
            x = L.Add()([x, y])
            x = L.Concatenate(axis=1)([x, y])
            x = L.ZeroPadding2D(1, data_format="channels_first")(x)
            x = L.Flatten(data_format="channels_first")(x)
            return keras.Model(inputs, ending(x))

        yield "channels_first_written", channels_first

        def policy(name):
            def make():
                keras.config.set_dtype_policy(name)
                try:
                    return chain(conv(), lambda: L.BatchNormalization(), lambda: L.ReLU())()
                finally:
                    keras.config.set_dtype_policy("float32")
            return make

        yield "mixed_float16", policy("mixed_float16")
        yield "mixed_bfloat16", policy("mixed_bfloat16")
        yield "float16", policy("float16")
        yield "bfloat16", policy("bfloat16")
