import Attacks
import Foundation
import ModelFiles
import NeuralNetwork
import Testing

/// `espalier verify --repaired` on networks made from the tiny BadNet.
struct VerifyRepairedTests {
  private let arguments = ["verify", "--model", "model.h5", "--layer", "pool_1", "--repaired", "repaired.h5"]
  private let faces = ["--clean-valid", "valid.h5", "--backdoored-valid", "bd_valid.h5"]

  /// A sandbox with `repaired.h5`: the tiny BadNet, changed.
  private func sandbox(_ change: (inout [Network.Node]) throws -> Void) throws -> Sandbox {
    let sandbox = try Sandbox()
    var nodes = try TinyBadNet.network().nodes
    try change(&nodes)
    try KerasModelFile.write(Network(nodes: nodes), to: sandbox.path("repaired.h5"))
    return sandbox
  }

  /// Changes the filters of a node list.
  private func changeFilters(_ nodes: inout [Network.Node], _ change: (inout Convolution) -> Void) {
    guard case .convolution(var layer) = nodes[1].layer else { return }
    change(&layer)
    nodes[1].layer = .convolution(layer)
  }

  private func silence(_ channels: Set<Int>, keepsBias: Bool = false) -> (inout Convolution) -> Void {
    { layer in
      for index in layer.kernel.indices where channels.contains(index % layer.filters) { layer.kernel[index] *= -0.0 }
      if !keepsBias { for channel in channels { layer.bias?[channel] = 0 } }
    }
  }

  @Test func silencedChannelsAloneAreThePruningDefence() throws {
    let sandbox = try sandbox { changeFilters(&$0, silence([3, 4, 5, 0])) }
    let outcome = try sandbox.espalier(arguments + faces)
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(
      outcome.output == """
        B                model.h5, 5 layers, 333 parameters
        B'               repaired.h5
        pruned layer     pool_1, whose 6 channels conv_1 makes
        silenced         4 channels: 0, 3, 4, 5
        silent in B too  none
        other weights    the same
        order            the first 4 in ascending order
        X = 2            satisfied (30 of 30 fell to 20), and the first k in ascending order is 4: this is its B'
        X = 4            satisfied (30 of 30 fell to 20), and the first k in ascending order is 4: this is its B'
        X = 10           satisfied (30 of 30 fell to 20), and the first k in ascending order is 4: this is its B'
        B:
        Clean Classification accuracy: 100.0 % (30/30, clean validation)
        Attack Success Rate: 100.0 % (30/30, backdoored validation)
        B':
        Clean Classification accuracy: 66.66666666666667 % (20/30, clean validation)
        Attack Success Rate: 0.0 % (0/30, backdoored validation)
        G:
        Clean Classification accuracy: 66.66666666666667 % (20/30, clean validation)
        Attack Success Rate: 0.0 % (0/30, backdoored validation)
        Detection Rate: 100.0 % (30/30, backdoored validation)
        False Alarm Rate: 33.333333333333336 % (10/30, clean validation)
        B' is B but for 4 silenced channels of conv_1

        """)
  }

  @Test func otherChannelsAndXAreToldApart() throws {
    let early = try sandbox { changeFilters(&$0, silence([3, 4])) }
    let first = try early.espalier(arguments + faces + ["--drops", "0,2"])
    #expect(first.status == 0)
    #expect(
      first.output.contains(
        """
        order            the first 2 in ascending order
        X = 0            satisfied (30 of 30 fell to 30); the first k in ascending order is 0
        X = 2            not satisfied (30 of 30 fell to 30); the first k in ascending order is 4

        """))
    let odd = try sandbox { changeFilters(&$0, silence([1, 4])) }
    let second = try odd.espalier(arguments + faces)
    #expect(second.status == 0)
    #expect(
      second.output.contains(
        """
        order            the silenced channels are not the first of the ascending, the weight-norm or the descending \
        order
        """))
    let active = try sandbox { changeFilters(&$0, silence([1])) }
    let third = try active.espalier(arguments + ["--clean-valid", "valid.h5", "--drops", "10"])
    #expect(third.output.contains("the first 1 in descending order"))
  }

  @Test func weightsChangedBesidesAreCounted() throws {
    let sandbox = try sandbox { nodes in
      changeFilters(&nodes, silence([3]))
      changeFilters(&nodes) { $0.kernel[7] += 0.5 }
      guard case .dense(var layer) = nodes[4].layer else { return }
      layer.bias?[0] = 3
      layer.bias?[1] = -1.25
      nodes[4].layer = .dense(layer)
    }
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 1 && outcome.error == "")
    #expect(
      outcome.output == """
        B                model.h5, 5 layers, 333 parameters
        B'               repaired.h5
        pruned layer     pool_1, whose 6 channels conv_1 makes
        silenced         1 channel: 3
        silent in B too  none
        differs          conv_1/kernel: 1 of 162 values differs, by 0.5
        differs          output/bias: 2 of 3 values differ, by at most 3
        B' differs from B by 1 silenced channel of conv_1, and by more

        """)
  }

  @Test func halfSilencedChannelsAreNamed() throws {
    let sandbox = try sandbox { nodes in
      changeFilters(&nodes, silence([1, 3], keepsBias: true))
      changeFilters(&nodes) { $0.bias?[1] = 2.5 }
    }
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        """
        silenced         none
        silent in B too  none
        half silenced    channel 1: its weights are 0, its bias is 2.5; it answers that for every face
        half silenced    channel 3: its weights are 0, its bias is -240; it answers 0 all the same
        differs          conv_1/bias: 1 of 6 values differs, by 2.5

        """), "\(outcome.output)")
  }

  @Test func anotherFormIsOneLine() throws {
    func error(_ change: (inout [Network.Node]) throws -> Void) throws -> String {
      let outcome = try sandbox(change).espalier(arguments)
      #expect(outcome.status == 2 && outcome.output == "")
      return outcome.error
    }
    #expect(
      try error { nodes in
        changeFilters(&nodes) { $0.activation = .linear }
      } == #"espalier: repaired.h5: layer conv_1: activation is "linear"; expected "relu", as in model.h5"# + "\n")
    #expect(
      try error { nodes in
        nodes.insert(.init(name: "drop", layer: .dropout(rate: 0.5), inputs: [2]), at: 3)
        for index in 4...5 {
          nodes[index] = .init(name: nodes[index].name, layer: nodes[index].layer, inputs: [index - 1])
        }
      } == "espalier: repaired.h5: 6 layers, a layer drop; expected the 5 layers of model.h5\n")
    #expect(
      try error { nodes in
        guard case .dense(let layer) = nodes[4].layer else { return }
        let wider = Dense(
          inputs: layer.inputs, units: 4, kernel: [Float](repeating: 0, count: 4 * layer.inputs), bias: [0, 0, 0, 0],
          activation: .softmax)
        nodes[4].layer = .dense(wider)
      } == "espalier: repaired.h5: layer output: units is 4; expected 3, as in model.h5\n")
  }

  @Test func layersOfOtherNamesAreMatchedByTheirPlaces() throws {
    let sandbox = try sandbox { nodes in
      changeFilters(&nodes, silence([3]))
      nodes[1] = .init(name: "conv2d", layer: nodes[1].layer, inputs: nodes[1].inputs)
    }
    let outcome = try sandbox.espalier(arguments + ["--json"])
    #expect(outcome.status == 0)
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let examination = try #require(answer["examination"] as? [String: Any])
    #expect(examination["silenced"] as? [Int] == [3] && examination["source"] as? String == "conv_1")
    #expect((answer["networks"] as? [Any])?.isEmpty == true)
  }
}
