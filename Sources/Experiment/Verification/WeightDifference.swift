import Files
import Foundation
import NeuralNetwork

/// How one array of a layer differs between two networks of the same form.
public struct WeightDifference: Codable, Equatable, Sendable, CustomStringConvertible {
  /// The layer's name in the first network.
  public let layer: String
  /// What Keras calls the array: `kernel`, `bias`.
  public let array: String
  /// How many values differ, and how many there are.
  public let values: Int, total: Int
  /// The largest difference.
  public let largest: Double

  /// `conv_3/kernel: 12 of 21600 values differ, by at most 0.25`
  public var description: String {
    let size = String(format: "%.3g", largest)
    return values == 1
      ? "\(layer)/\(array): 1 of \(total) values differs, by \(size)"
      : "\(layer)/\(array): \(values) of \(total) values differ, by at most \(size)"
  }

  /// Compares two arrays of the same size; nil where they are equal, as 0 and -0 are.
  init?(_ layer: String, _ array: String, _ own: [Float], _ other: [Float]) {
    var values = 0
    var largest = 0.0
    for (first, second) in zip(own, other) where first != second {
      values += 1
      largest = max(largest, abs(Double(first) - Double(second)))
    }
    guard values > 0 else { return nil }
    self.layer = layer
    self.array = array
    self.values = values
    total = own.count
    self.largest = largest
  }
}

extension Network {
  /// Where `other` holds each node of this network: by name, and what other names there are in their order.
  /// - Parameters:
  ///   - name, otherName: what errors call the two.
  /// - Throws: `InputError` that names the first layer that is of another form.
  func places(in other: Network, name: String, otherName: String) throws -> [Int] {
    let (own, theirs) = (Set(nodes.map(\.name)), Set(other.nodes.map(\.name)))
    guard nodes.count == other.nodes.count else {
      let odd =
        nodes.first { !theirs.contains($0.name) }.map { "no layer \($0.name)" }
        ?? other.nodes.first { !own.contains($0.name) }.map { "a layer \($0.name)" }
      throw InputError(
        otherName, found: "\(other.nodes.count) layers, \(odd ?? "others")",
        expected: "the \(nodes.count) layers of \(name)")
    }
    // Names are unique in a network, so that as many are left over on both sides.
    var rest = other.nodes.indices.filter { !own.contains(other.nodes[$0].name) }[...]
    let places = nodes.indices.compactMap { index in
      other.nodes.firstIndex { $0.name == nodes[index].name } ?? rest.popFirst()
    }
    for (index, place) in places.enumerated() {
      let (own, theirs) = (nodes[index], other.nodes[place])
      let (settings, otherSettings) = (own.layer.settings, theirs.layer.settings)
      for setting in (settings + otherSettings).map(\.name) {
        let first = settings.first { $0.name == setting }?.value ?? "none"
        let second = otherSettings.first { $0.name == setting }?.value ?? "none"
        guard first != second else { continue }
        throw InputError(
          "\(otherName): layer \(theirs.name)", found: "\(setting) is \(second)", expected: "\(first), as in \(name)")
      }
      let inputs = own.inputs.map { places[$0] }
      // A sum is the same in any order.
      let isSame = own.layer == .add ? inputs.sorted() == theirs.inputs.sorted() : inputs == theirs.inputs
      guard isSame else {
        let (found, wanted) = (theirs.inputs.map { other.nodes[$0].name }, own.inputs.map { nodes[$0].name })
        throw InputError(
          "\(otherName): layer \(theirs.name)", found: "reads \(found.joined(separator: ", "))",
          expected: "\(wanted.joined(separator: ", ")), as in \(name)")
      }
    }
    return places
  }

  /// Every array in which `other`, of the same form, differs.
  /// - Parameter places: what `places(in:)` answered.
  func weightDifferences(from other: Network, places: [Int]) -> [WeightDifference] {
    zip(nodes, places).flatMap { node, place in
      zip(node.layer.weights, other.nodes[place].layer.weights).compactMap { own, theirs in
        WeightDifference(node.name, own.name, own.values, theirs.values)
      }
    }
  }
}
