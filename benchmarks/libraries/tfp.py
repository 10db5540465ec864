"""TensorFlow Probability by hand. Documented: the Keras model of the page of `tfb.AutoregressiveNetwork`, and eager
density and draws. Fused: many steps in one `tf.function(jit_compile=True)`, and jitted density and draws."""

from __future__ import annotations

import sys

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
import tf_keras

from ..cases import BATCH, BINS, BOX, DENSITY_ROWS, DRAWS, HIDDEN, LAYERS, LEARNING_RATE, TRAINING_ROWS, Case
from ..data import real, synthetic
from ..quality_loop import batches, train
from ..worker import Calls, serve

tfb, tfd = tfp.bijectors, tfp.distributions


def versions() -> dict:
    return {"tensorflow_probability": tfp.__version__, "tensorflow": tf.__version__}


def flow(kind: str, d: int, layers: int | None = None, seed: int = 0):
    """The distribution and its variables."""
    tf_keras.utils.set_random_seed(seed)
    chain, networks = [], []
    for _ in range(layers or LAYERS[kind]):
        layer, network = {"maf": _affine, "spline": _spline, "coupling": _coupling}[kind](d)
        chain += [layer, tfb.Permute(np.arange(d)[::-1])]
        networks.append(network)
    base = tfd.Sample(tfd.Normal(0.0, 1.0), [d])
    model = tfd.TransformedDistribution(base, tfb.Chain(chain[:-1]))
    model.log_prob(tf.zeros([2, d]))  # makes the variables
    return model, [variable for network in networks for variable in network.trainable_variables]


def _affine(d: int):
    network = _masked_network(2, d)
    return tfb.MaskedAutoregressiveFlow(network), network


def _spline(d: int):
    network = _masked_network(3 * BINS - 1, d)
    smallest = 1e-3

    def bijector(x):
        widths, heights, slopes = tf.split(network(x), [BINS, BINS, BINS - 1], axis=-1)

        def sizes(values):
            return tf.math.softmax(values, axis=-1) * (2 * BOX - BINS * smallest) + smallest

        return tfb.RationalQuadraticSpline(
            sizes(widths), sizes(heights), tf.math.softplus(slopes) + smallest, range_min=-BOX
        )

    return tfb.MaskedAutoregressiveFlow(bijector_fn=bijector), network


def _coupling(d: int):
    kept = d // 2
    dense = tf_keras.layers.Dense
    hidden = [dense(HIDDEN, activation="relu"), dense(HIDDEN, activation="relu")]
    network = tf_keras.Sequential([*hidden, dense(2 * (d - kept))])

    def shift_and_log_scale(x, output_units, **_):
        return tf.split(network(x), 2, axis=-1)

    return tfb.RealNVP(num_masked=kept, shift_and_log_scale_fn=shift_and_log_scale), network


def _masked_network(params: int, d: int):
    return tfb.AutoregressiveNetwork(params=params, event_shape=[d], hidden_units=[HIDDEN, HIDDEN], activation="relu")


def work(case: Case):
    model, variables = flow(case.flow, case.d, case.depth)
    fused = case.mode == "fused"
    if case.task == "train":
        x = synthetic(TRAINING_ROWS, case.d)
        return _fused_steps(model, variables, x) if fused else _keras_calls(model, x)
    compiled = (lambda function: tf.function(function, jit_compile=True)) if fused else lambda function: function
    if case.task == "density":
        x = tf.constant(synthetic(DENSITY_ROWS, case.d))
        return Calls(compiled(lambda: model.log_prob(x)), _mean, DENSITY_ROWS)
    return Calls(compiled(lambda: model.sample(DRAWS)), _mean, DRAWS)


def _mean(result) -> float:
    return float(tf.reduce_mean(result))


def _stepper(model, variables):
    optimiser = tf_keras.optimizers.Adam(LEARNING_RATE)
    optimiser.build(variables)

    def step(batch):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(model.log_prob(batch))
        optimiser.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return step


def _fused_steps(model, variables, x) -> Calls:
    rows = tf.constant(x.reshape(-1, BATCH, x.shape[1]))
    step = _stepper(model, variables)

    @tf.function(jit_compile=True)
    def run():
        loss = tf.zeros([])
        for i in tf.range(rows.shape[0]):
            loss = step(rows[i])
        return loss

    return Calls(run, float, rows.shape[0])


def _keras_model(model, d: int):
    rows = tf_keras.layers.Input(shape=(d,), dtype=tf.float32)
    keras = tf_keras.Model(rows, model.log_prob(rows))
    keras.compile(optimizer=tf_keras.optimizers.Adam(LEARNING_RATE), loss=lambda _, log_prob: -log_prob)
    return keras


def _keras_fit(keras, x, epochs: int) -> float:
    none = np.zeros((len(x), 0), "float32")
    return keras.fit(x, none, batch_size=BATCH, epochs=epochs, shuffle=True, verbose=0).history["loss"][-1]


def _keras_calls(model, x) -> Calls:
    keras = _keras_model(model, x.shape[1])
    return Calls(lambda: _keras_fit(keras, x, 1), float, len(x) // BATCH)


def first_fit(x, epochs):
    model, _ = flow("maf", x.shape[1])
    _keras_fit(_keras_model(model, x.shape[1]), x, epochs)
    return _mean(model.log_prob(x))


def quality(job):
    split, rng = real(job["data"], job["seed"]), np.random.default_rng(job["seed"])
    model, variables = flow(job["flow"], job["d"], job["layers"], job["seed"])
    step = tf.function(_stepper(model, variables), jit_compile=True)
    log_prob = tf.function(model.log_prob, jit_compile=True)

    def epoch() -> None:
        for batch in batches(split.train, BATCH, rng):
            step(tf.constant(batch))

    return train(epoch, lambda x: _mean(log_prob(x)), split.validation, split.test, job["seconds"], job["epochs"])


if __name__ == "__main__":
    serve(sys.modules[__name__])
