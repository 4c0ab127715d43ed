"""What `make bench` holds Espalier's speed up to: one framework a process, told what to do a line at a time.

    python peers onnxruntime|pytorch|keras FOLDER THREADS     answers each line of standard input with seconds
    python peers network|residual-training FOLDER THREADS     the same for FOLDER/model.onnx, and for training a ResNet-18
    python peers prefix-sweep|loop-sweep FOLDER THREADS       the sweep over VGG16's last channels, by PyTorch and by Keras
    python peers matplotlib RUN.json FIGURE.png               draws a run's two curves and ends

FOLDER holds model.h5 and random.h5 (Keras models of DeepID), images.f32 (N, H, W, C), labels.i32 (N), order.i32 (C) and
workload.json. What a framework wants prepared (other layouts, moved axes) is prepared before the clock starts, and what
can be set in more than one way is set in the way that is faster here.
"""

import os
import sys


def serve(name, folder, threads):
    # Frameworks print what they like; answers keep standard output to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # One framework a process: no other is imported.
    if name == "network":
        from with_network import NetworkFile as Framework
    elif name == "residual-training":
        from with_network import ResidualTraining as Framework
    elif name == "prefix-sweep":
        from with_wide_sweep import PyTorchPrefix as Framework
    elif name == "loop-sweep":
        from with_wide_sweep import KerasLoop as Framework
    elif name == "onnxruntime":
        from with_onnxruntime import OnnxRuntime as Framework
    elif name == "pytorch":
        from with_pytorch import PyTorch as Framework
    else:
        from with_keras import Keras as Framework
    if name in ("onnxruntime", "pytorch", "keras"):
        from workload import Workload

        folder = Workload(folder)
    peer = Framework(folder, int(threads))
    print("ready", peer.version, file=answers)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "predict":
            peer.predictions().astype("int32").tofile(arguments[0])
            answer = 0.0
        else:
            answer = getattr(peer, command)(*arguments)
        print(*(f"{number:.9f}" for number in (answer if isinstance(answer, tuple) else (answer,))), file=answers)


if __name__ == "__main__":
    if sys.argv[1] == "matplotlib":
        from with_matplotlib import draw

        draw(*sys.argv[2:])
    else:
        serve(*sys.argv[1:])
