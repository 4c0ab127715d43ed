"""matplotlib, as a script that draws a run once."""

import json
import pathlib

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402


def draw(record, figure):
    """The two curves of a run as Espalier's figure has them: same size, same resolution."""
    curve = json.loads(pathlib.Path(record).read_text())["curve"]
    steps = [point["channelsPruned"] for point in curve]

    def percent(*splits):
        split = next(name for name in splits if curve[0][name])
        return [100 * point[split]["hits"] / point[split]["total"] for point in curve]

    axes = pyplot.figure(figsize=(510 / 72, 312 / 72)).add_subplot()
    axes.plot(steps, percent("cleanTest", "cleanValid"), label="Clean accuracy")
    axes.plot(steps, percent("backdooredTest", "backdooredValid"), "--", label="Attack success rate")
    axes.set(xlabel="Channels pruned", ylabel="Percent of faces", ylim=(0, 100), title="Pruning defence")
    axes.grid(alpha=0.3)
    axes.legend()
    axes.figure.savefig(figure, dpi=300)
    print("matplotlib", matplotlib.__version__)
