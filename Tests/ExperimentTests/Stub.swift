import Testing
import Backdoor
import Experiment
import NeuralNetwork
import HDF5
@Test func real() throws {
  let root = "/work/shared/data"
  let net = try KerasModelFile.read(root + "/models/bd_weights.h5")
  var data = Splits<FaceDataset>()
  data.cleanValid = try FaceDataset(file: root + "/faces/valid.h5")
  data.cleanTest = try FaceDataset(file: root + "/faces/test.h5")
  data.backdooredValid = try FaceDataset(file: root + "/faces/bd_valid.h5")
  data.backdooredTest = try FaceDataset(file: root + "/faces/bd_test.h5")
  let c = ContinuousClock()
  var s: PruningStudy?
  print(
    try c.measure {
      s = try PruningStudy(of: BadNet(network: net, inputScale: 1), on: data, options: StudyOptions(threads: 2))
    })
  let ref = try HDF5File(reading: root + "/reference/keras_reference.h5").root
  let hits = try ref.dataset("bd_weights/hits_after_k_pruned").read(Int.self)
  var diff = 0
  for k in 0...60 {
    let p = s!.predictions;
    let mine = [p.cleanValid!, p.backdooredValid!, p.cleanTest!, p.backdooredTest!].map { $0.rate(after: k).hits }
    if mine != Array(hits[k * 4..<k * 4 + 4]) { diff += 1; print(k, mine, hits[k * 4..<k * 4 + 4]) }
  }
  print("diff", diff, s!.stops)
  #expect(try ref.dataset("bd_weights/prune_order").read(Int.self) == s!.pruneOrder)
  try KerasModelFile.write(s!.repairedNetworks()[0]!, to: "/tmp/repaired-2.h5")
  let again = try KerasModelFile.read("/tmp/repaired-2.h5")
  #expect(try s!.repairedNetworks()[0]! == again)
}
