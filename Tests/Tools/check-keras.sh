#!/bin/bash
# Opens repaired networks with a current Keras and holds its predictions up to Espalier's.
#
#   check-keras.sh ESPALIER [RUN...]     RUN: folders with a run.json; without any, runs are made here
#
# Keras is installed once, into .venv/keras of the project, or into the folder that ESPALIER_VENV names.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: check-keras.sh ESPALIER [RUN...]" >&2; exit 2; }
espalier=$(realpath "$1")
shift
tools=$(dirname "$(realpath "$0")")
project=$(realpath "$tools/../..")
venv=${ESPALIER_VENV:-$project/.venv/keras}

if ! "$venv/bin/python" -c 'import keras, h5py' 2>/dev/null; then
  echo "Installing Keras and TensorFlow into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet keras tensorflow-cpu h5py
  # Keras 2; TensorFlow is there already.
  "$venv/bin/pip" install --quiet --no-deps tf_keras
fi

# No GPU is looked for, and TensorFlow keeps its notes to itself.
export CUDA_VISIBLE_DEVICES= TF_CPP_MIN_LOG_LEVEL=3
if [ $# -eq 0 ]; then
  "$venv/bin/python" "$tools/check_keras_networks.py" "$espalier"
  "$venv/bin/python" "$tools/check_keras_networks.py" "$espalier" --keras2
fi
exec "$venv/bin/python" "$tools/check_keras.py" "$espalier" "$project" "$@"
