#!/bin/bash
# Measures Espalier beside ONNX Runtime, PyTorch, Keras and matplotlib; see `benchmark --help`.
#
#   benchmark.sh ESPALIER BENCHMARK [OPTION...]     OPTION: further ones for benchmark, as --repeats 3
#
# The frameworks are installed once, into .venv/bench of the project, or into the folder that ESPALIER_BENCH_VENV names;
# what cannot be installed is left out. The network and the faces are the lab's where ../shared/data has them, else those
# of a run made here.
set -euo pipefail

[ $# -ge 2 ] || { echo "usage: benchmark.sh ESPALIER BENCHMARK [OPTION...]" >&2; exit 2; }
espalier=$1 benchmark=$2
shift 2
project=$(realpath "$(dirname "$(realpath "$0")")/../..")
venv=${ESPALIER_BENCH_VENV:-$project/.venv/bench}
python=$venv/bin/python
cd "$project"

# install MODULE PIP-ARGUMENT... : asked for by its module, because an environment may have been made by other means
install() {
  local module=$1
  shift
  "$python" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$module') is None)" && return
  echo "Installing $1 into $venv" >&2
  "$venv/bin/pip" install --quiet --retries 1 "$@" 2>/dev/null || { echo "$1 could not be installed" >&2; false; }
}

runs=(runs/compare/seed-{1..4})
if [[ " $* " == *" --quick "* ]]; then
  beside=()
else
  [ -x "$python" ] || python3 -m venv "$venv"
  for package in numpy h5py matplotlib onnxruntime onnx keras; do install "$package" "$package" || true; done
  install tensorflow tensorflow-cpu || true
  # Without CUDA it is a tenth of the size, but that package index is not within everybody's reach.
  install torch torch --index-url https://download.pytorch.org/whl/cpu || install torch torch || true
  beside=(--python "$python")
  for run in "${runs[@]}"; do
    [ -f "$run/run.json" ] && continue
    "$espalier" compare --seeds 1-4 --output runs/compare --figure runs/compare/benchmark.png \
      --report runs/compare/benchmark.md
    break
  done
fi
own=()
for run in "${runs[@]}"; do [ ! -f "$run/run.json" ] || own+=("$run"); done

data=../shared/data
if [ -d "$data" ]; then
  input=(--model "$data/models/bd_weights.h5" --faces "$data/faces/valid.h5" "$data/faces/bd_valid.h5"
    --check "$data/models/sunglasses_bd_weights.h5=1/255")
else
  run=${own[0]:-runs/default}
  [ -f "$run/run.json" ] || "$espalier" run --output "$run" \
    --figure "$run/figure.png" --report "$run/report.md"
  input=(--model "$run/badnet.h5" --faces "$run/faces/valid.h5" "$run/faces/bd_valid.h5")
fi
[ ${#own[@]} = 0 ] || input+=(--check-run "${own[@]}")
exec "$benchmark" "${input[@]}" "${beside[@]}" --program "$espalier" "$@"
