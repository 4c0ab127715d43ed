"""Writes statistics.json: what SciPy makes of a few samples. Needs Python with SciPy 1.11 or later."""

import json
import pathlib

import numpy
from scipy import stats

SAMPLES = {
    "two": [81.25, 84.5],
    "two equal": [100.0, 100.0],
    "zeros": [0.0] * 5,
    "hundreds": [100.0] * 10,
    "three equal tenths": [0.1, 0.1, 0.1],
    "five": [98.64899, 95.0, 91.3, 84.5, 77.2],
    "ten": [91, 93, 90, 95, 89, 92, 94, 91, 90, 96],
    "near one hundred": [99.9991, 99.9992, 100.0, 99.9987],
}
PAIRS = {"pruning": ([98.6, 97.2, 99.0, 98.1, 96.6], [94.4, 93.1, 95.0, 95.0, 90.9])}
RATES = [(0, 180), (180, 180), (90, 180), (1, 10), (11391, 11547)]
DISCORDANT = [(0, 0), (0, 1), (1, 0), (5, 5), (8, 1), (2, 17), (0, 180), (40, 61), (600, 420), (2300, 2100), (10, 3000)]


def summary(values):
    n = len(values)
    deviation = numpy.std(values, ddof=1)
    # SciPy answers nan for a scale of 0; the limit is the mean itself.
    ends = stats.t.interval(0.95, n - 1, numpy.mean(values), stats.sem(values)) if deviation > 1e-12 else [values[0]] * 2
    return {
        "values": values,
        "mean": float(numpy.mean(values)),
        "standardDeviation": float(deviation) if deviation > 1e-12 else 0.0,
        "interval": [float(end) for end in ends],
        "median": float(numpy.median(values)),
        "range": [min(values), max(values)],
    }


def wilson(hits, total):
    interval = stats.binomtest(hits, total).proportion_ci(0.95, "wilson")
    return {"hits": hits, "total": total, "interval": [float(interval.low), float(interval.high)]}


def mcnemar(b, c):
    p = stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    return {"onlyOriginal": b, "onlyRepaired": c, "p": float(p)}


def paired(before, after):
    interval = stats.ttest_rel(before, after).confidence_interval(0.95)
    return {"before": before, "after": after, "interval": [float(interval.low), float(interval.high)]}


document = {
    "quantiles": [{"degrees": n, "value": float(stats.t.ppf(0.975, n))} for n in [*range(1, 31), 99, 100, 1000, 5001]],
    "summaries": [summary(values) for values in SAMPLES.values()],
    "paired": [paired(*pair) for pair in PAIRS.values()],
    "wilson": [wilson(*rate) for rate in RATES],
    "mcNemar": [mcnemar(*counts) for counts in DISCORDANT],
}
path = pathlib.Path(__file__).with_name("statistics.json")
path.write_text(json.dumps(document, indent=1) + "\n")
