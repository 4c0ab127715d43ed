// A defence of one's own: channels by their largest activation, not their mean: example-defence MODEL CLEAN-VALID BACKDOORED
import Datasets
import Experiment
import ModelFiles
import NeuralNetwork

let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("usage: example-defence MODEL CLEAN-VALID BACKDOORED") }
let network = try KerasModelFile.read(arguments[1])
let (clean, backdoored) = (try FaceDataset(file: arguments[2]), try FaceDataset(file: arguments[3]))

func accuracy(_ network: Network, on faces: FaceDataset) throws -> Double {
  let images = try faces.images(0..<faces.count, scale: 1)
  let answers = try ForwardPass(network, threads: 2).logits(of: images).largestIndices
  return Double(zip(answers, faces.labels).count { $0 == $1 }) / Double(faces.count)
}

// Ranking sees clean validation faces and nothing else.
let layer = try network.index(of: "pool_3")
let images = try clean.images(0..<clean.count, scale: 1)
let values = try ForwardPass(network, threads: 2).values(of: [layer], given: [0: images])[0]
let channels = values.shape.channels
var largest = [Float](repeating: 0, count: channels)
for (index, value) in values.values.enumerated() { largest[index % channels] = max(largest[index % channels], value) }
let order = largest.indices.sorted { (largest[$0], $0) < (largest[$1], $1) }

let baseline = try accuracy(network, on: clean)
for k in 0...channels {
  let pruned = try network.pruning(order.prefix(k), of: "pool_3")
  let now = try accuracy(pruned, on: clean)
  guard now <= baseline - 0.04 || k == channels else { continue }
  print("stops at k = \(k): accuracy \(now), attack success \(try accuracy(pruned, on: backdoored))")
  break
}
