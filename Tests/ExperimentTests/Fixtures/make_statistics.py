"""Writes statistics.json: what SciPy and statsmodels make of a few samples. Needs SciPy 1.11 or later, and statsmodels."""

import json
import pathlib

import numpy
from scipy import interpolate, optimize, stats
from statsmodels.stats.multitest import multipletests

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
# Shares 0...1, for Gaffke's bound: equal, zeros and ones, distinct, and with ties.
SHARES = [
    [1.0] * 5, [0.0, 0.0], [0.5] * 3, [0.0, 1.0, 1.0, 1.0], [1.0] * 29 + [0.0], [0.25, 0.5], [0.1, 0.4, 0.55, 0.8, 0.93],
    [1.0, 1.0, 1.0, 0.62, 0.07], [0.91, 0.93, 0.9, 0.95, 0.89, 0.92, 0.94, 0.91, 0.9, 0.96],
    [round(0.03 * i % 1, 4) for i in range(1, 31)],
]
RATES = [(0, 180), (180, 180), (90, 180), (1, 10), (9, 10), (5, 5), (0, 1), (3, 5), (11391, 11547), (17, 10_000)]
DIFFERENCES = [
    [3, 3], [1, 2, 3, 4, 5], [5, 1, -2, 7, 3, 0, 2], [0, 0, 95], [10, -4, 6, 6, -1, 3, 8, 2, -9, 4, 1, 1],
    [1_000_000 * i + i * i for i in (3, -1, 4, 1, -5, 9, 2, 6)], [(7 * i) % 23 - 8 for i in range(18)],
]
PROBABILITIES = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.9, 1.0], [0.0625] * 6, [0.001, 0.013, 0.012, 0.6, 0.02]]
DISCORDANT = [(0, 0), (0, 1), (1, 0), (5, 5), (8, 1), (2, 17), (0, 180), (40, 61), (600, 420), (2300, 2100), (10, 3000)]


def summary(values):
    deviation = numpy.std(values, ddof=1)
    return {
        "values": values,
        "mean": float(numpy.mean(values)),
        "standardDeviation": float(deviation) if deviation > 1e-12 else 0.0,
        "median": float(numpy.median(values)),
        "range": [min(values), max(values)],
    }


def upper_end(shares):
    """Gaffke's bound by another way than the program's: d_1 c_1 + ... with d uniform on the simplex has as its density the
    B-spline whose knots are the c_i (Curry & Schoenberg, Journal d'Analyse Mathematique 17, 1966)."""
    knots = numpy.sort(numpy.array([*shares, 1.0]))
    low = knots[0]
    if low == 1:
        return 1.0
    if len(set(shares)) == 1:
        return 1 - (1 - low) * 0.025 ** (1 / len(shares))
    spline = interpolate.BSpline.basis_element(knots, extrapolate=False)
    pieces = numpy.unique(knots)
    nodes, weights = numpy.polynomial.legendre.leggauss(len(knots))

    def integral(start, end):
        # Gauss-Legendre is exact on each polynomial piece.
        total = 0.0
        for a, b in zip(pieces, pieces[1:]):
            a, b = max(a, start), min(b, end)
            if a < b:
                total += (b - a) / 2 * weights @ numpy.nan_to_num(spline((a + b) / 2 + (b - a) / 2 * nodes))
        return total

    whole = integral(low, 1)
    return optimize.brentq(lambda t: integral(t, 1) / whole - 0.025, low, 1, xtol=1e-15, rtol=1e-15)


def gaffke(shares):
    return {"values": shares, "interval": [1 - upper_end([1 - share for share in shares]), upper_end(shares)]}


def exact(hits, total):
    interval = stats.binomtest(hits, total).proportion_ci(0.95, "exact")
    return {"hits": hits, "total": total, "interval": [float(interval.low), float(interval.high)]}


def median_rank(n):
    """The largest j with 2 P(K <= j - 1) <= 5 %, or 0."""
    j = 0
    while stats.binom.cdf(j, n, 0.5) <= 0.025:
        j += 1
    return {"count": n, "rank": j}


def paired_tests(differences):
    nonzero = [d for d in differences if d]
    above = sum(d > 0 for d in nonzero)
    permutation = stats.permutation_test(
        (differences,), numpy.sum, permutation_type="samples", n_resamples=numpy.inf, alternative="two-sided"
    )
    return {
        "differences": differences,
        "sign": float(stats.binomtest(above, len(nonzero)).pvalue),
        "permutation": float(permutation.pvalue),
    }


def holm(probabilities):
    return {"probabilities": probabilities, "corrected": [float(p) for p in multipletests(probabilities, method="holm")[1]]}


def mcnemar(b, c):
    p = stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    return {"onlyOriginal": b, "onlyRepaired": c, "p": float(p)}


document = {
    "summaries": [summary(values) for values in SAMPLES.values()],
    "means": [gaffke(shares) for shares in SHARES],
    "rates": [exact(*rate) for rate in RATES],
    "mcNemar": [mcnemar(*counts) for counts in DISCORDANT],
    "medianRanks": [median_rank(n) for n in [*range(1, 31), 100, 999, 10_000]],
    "pairedTests": [paired_tests(differences) for differences in DIFFERENCES],
    "holm": [holm(probabilities) for probabilities in PROBABILITIES],
}
path = pathlib.Path(__file__).with_name("statistics.json")
path.write_text(json.dumps(document, indent=1) + "\n")
