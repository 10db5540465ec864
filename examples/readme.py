"""The Python example of the README."""

import numpy as np

import pyflows as pf

rng = np.random.default_rng(1)
a = rng.normal(size=4000)
x = np.column_stack([a, a**2 + rng.normal(scale=0.5, size=4000)])  # a bent cloud
train, test = x[:3000], x[3000:]

model = pf.fit(pf.maf(layers=3), train, seed=1, progress=False)
print(model)
print(pf.log_prob(model, test).mean())  # nats a row
print(-np.log(2 * np.pi) - np.log(0.5) - 1)  # the best that is possible, minus the entropy
print(pf.sample(model, 3, seed=1))
z = pf.inverse(model, test)  # latent residuals: standard normal if the model is right
print(z.mean(0), z.std(0))
