#!/bin/bash
# Compares Espalier's numbers with those of ONNX Runtime and PyTorch: networks, repaired networks, operators, and a whole run.
#
#   check-onnx.sh ESPALIER
#
# PyTorch and ONNX Runtime are installed once, into .venv/onnx of the project, or into the folder that ESPALIER_VENV names.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: check-onnx.sh ESPALIER" >&2; exit 2; }
espalier=$(realpath "$1")
tools=$(dirname "$(realpath "$0")")
project=$(realpath "$tools/../..")
venv=${ESPALIER_VENV:-$project/.venv/onnx}

if ! "$venv/bin/python" -c 'import torchvision, onnxscript, onnxruntime, sklearn' 2>/dev/null; then
  echo "Installing PyTorch and ONNX Runtime into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet torch torchvision onnx onnxruntime onnxscript scikit-learn
fi

export CUDA_VISIBLE_DEVICES=
status=0
"$venv/bin/python" "$tools/check_onnx_operators.py" "$espalier" || status=1
"$venv/bin/python" "$tools/check_onnx_badnet.py" "$espalier" || status=1
"$venv/bin/python" "$tools/check_onnx_networks.py" "$espalier" || status=1
exit $status
