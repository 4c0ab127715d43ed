#!/bin/bash
# Makes onnx.pb.swift from onnx.proto, in a scratch folder; needed only where the schema or swift-protobuf's version changes.
#
#   onnx-schema.sh [VERSION]      of swift-protobuf; needs python3 -m venv and swift
set -euo pipefail

version=${1:-1.39.0}
schema=$(realpath "$(dirname "$0")/../../Sources/ModelFiles/ONNX/Schema")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone --quiet --depth 1 --branch "$version" https://github.com/apple/swift-protobuf "$scratch/swift-protobuf"
swift build --package-path "$scratch/swift-protobuf" --product protoc-gen-swift
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet grpcio-tools
plugin=$(swift build --package-path "$scratch/swift-protobuf" --show-bin-path)/protoc-gen-swift
"$scratch/venv/bin/python" -m grpc_tools.protoc --plugin=protoc-gen-swift="$plugin" --swift_out="$schema" \
  --proto_path="$schema" onnx.proto
