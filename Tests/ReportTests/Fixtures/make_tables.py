"""Prints tables as Python's tabulate does: run with tabulate 0.10.0 in this folder."""
from tabulate import tabulate


def write(name, rates):
    total = len(rates)
    rows = [[f"{k}/{total} ({100 * k / total:.2f}%)", *rate] for k, rate in enumerate(rates, 1)]
    headers = ["Fraction of Channels Pruned", "Clean Accuracy", "Attack Success Rate"]
    lines = tabulate(rows, headers, tablefmt="orgtbl").split("\n")
    lines[1] = lines[1].replace("-", "=").replace("+", "|")
    with open(name, "w") as file:
        file.write("\n".join(lines) + "\n")


write("table_120.md", [(100 - k * 100 / 121, 100 / k) for k in range(1, 121)])
write("table_100.md", [(100.0, 100.0)] * 3)
write("table_small.md", [(1e-05, 100.0), (1.25e-05, 50.0), (12.3456789, 0.0001), (1.0, 0.0)])
