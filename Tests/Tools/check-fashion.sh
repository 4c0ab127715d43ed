#!/bin/bash
# Trains a BadNet on Fashion-MNIST (70,000 images, IDX, from Debian's package), prunes and reports it, then verifies the run.
#
#   check-fashion.sh ESPALIER [OPTION...]     options of the training, as --epochs 5
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: check-fashion.sh ESPALIER [OPTION...]" >&2; exit 2; }
espalier=$(realpath "$1")
shift
data=/usr/share/datasets/fashion-mnist
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# The last 6,000 images of the training file rank channels and stop the pruning; the test file is only evaluated.
"$espalier" run --clean-train "$data/train-images-idx3-ubyte.gz:0-54000" \
  --clean-valid "$data/train-images-idx3-ubyte.gz:54000-60000" --clean-test "$data/t10k-images-idx3-ubyte.gz" \
  --trigger patch --target 0 --epochs 3 --output run --figure figure.png --report report.md "$@"

"$espalier" verify run --report report.md
# The same network, given: the backdoored splits are made from the clean ones, and the curve is the same.
"$espalier" run --model run/badnet.h5 --clean-valid "$data/train-images-idx3-ubyte.gz:54000-60000" \
  --clean-test "$data/t10k-images-idx3-ubyte.gz" --trigger patch --target 0 --output given --figure given.png \
  --report given.md
"$espalier" verify given --report given.md
cmp run/curve.csv given/curve.csv
"$espalier" inspect run given

# What a network of three epochs reaches, with room below.
python3 - run/run.json <<'END'
import json, sys
record = json.load(open(sys.argv[1]))
start = record["curve"][0]
def share(split): return start[split]["hits"] / start[split]["total"]
assert record["curve"][-1]["channelsPruned"] == record["channels"] == 60
assert record["data"]["cleanTest"]["rows"] == 10000 and record["data"]["backdooredTest"]["rows"] == 10000
assert share("cleanTest") > 0.85, share("cleanTest")
assert share("backdooredTest") > 0.98, share("backdooredTest")
print(f"Fashion-MNIST: clean accuracy {100 * share('cleanTest'):.2f} %, attack success {100 * share('backdooredTest'):.2f} %")
END
echo "check-fashion: all of it is as it should be"
