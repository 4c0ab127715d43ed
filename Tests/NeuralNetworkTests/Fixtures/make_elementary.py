"""Writes elementary.json: values of elementary functions with 50 digits (mpmath), as a double and what it leaves out.

Arguments are drawn over the range in which each function's bound is stated, with the hard places among them.
"""
import json
import math
import random
from pathlib import Path

import mpmath

mpmath.mp.dps = 50
random.seed(1)


def points(low, high, *special):
    return [random.uniform(low, high) for _ in range(80)] + list(special)


def tiny():
    return [math.copysign(10 ** random.uniform(-300, -1), random.random() - 0.5) for _ in range(20)]


cases = {
    "exp": points(-708, 709, 0.0, 1.0, -1.0, 709.78, -740.0, 0.34657359, -0.34657359, 5e-324) + tiny() + points(-1, 1),
    "log": [10 ** random.uniform(-307, 308) for _ in range(60)] + points(0.5, 2, 1.0, 2.0, 1.4142135623730951, 5e-324)
    + [1 + x for x in tiny() if abs(x) > 1e-15],
    "sin": points(-7, 7, 0.0) + points(-2.0**20, 2.0**20) + tiny() + [n * math.pi / 4 for n in range(-20, 21)],
    "cos": points(-7, 7, 0.0) + points(-2.0**20, 2.0**20) + tiny() + [n * math.pi / 4 for n in range(-20, 21)],
    "tanh": points(-22, 22, 0.0, 0.17, 0.1700001) + points(-1, 1) + tiny(),
    "erf": points(-6, 6, 0.0, 0.5, 3.0, 5.99) + points(-1, 1) + tiny(),
}
result = {}
for name, arguments in cases.items():
    function = getattr(mpmath, name)
    rows = []
    for x in arguments:
        exact = function(mpmath.mpf(x))
        value = float(exact)
        rows.append([x, value, float(exact - mpmath.mpf(value))])
    result[name] = rows
path = Path(__file__).with_name("elementary.json")
path.write_text(json.dumps(result, separators=(",", ":")).replace("],[", "],\n["))
