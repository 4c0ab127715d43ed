import NeuralNetwork

/// Channels that no single layer makes, such as those of a residual sum: they are silenced by zeroing the weights of whatever
/// reads them. Which ones are is told by comparing each reader's weights with those that silencing one channel leaves.
struct ReaderExamination {
  /// Channels whose readers' weights are all those of the silenced channel in B', and not in B.
  let silenced: [Int]
  /// Channels for which silencing changes nothing in B, and B' has the same.
  let alreadySilent: [Int]
  /// Everything else in which B' differs from B.
  let differences: [WeightDifference]

  /// - Parameters: as of `RepairedExamination`.
  /// - Returns: nil where the layer's channels cannot be silenced at their readers either.
  /// - Throws: `InputError` that names the first layer of another form.
  init?(
    of badNet: Network, repaired: Network, names: (badNet: String, repaired: String), layer: String
  ) throws {
    let channels = 0..<badNet.shapes[try badNet.index(of: layer)].channels
    guard let whole = try? badNet.pruning(channels, of: layer) else { return nil }
    let places = try badNet.places(in: repaired, name: names.badNet, otherName: names.repaired)
    let readers = badNet.nodes.indices.filter { badNet.nodes[$0].layer != whole.nodes[$0].layer }
    let own = readers.map { badNet.nodes[$0].layer.weights.map(\.values) }
    let theirs = readers.map { repaired.nodes[places[$0]].layer.weights.map(\.values) }
    var (silenced, alreadySilent) = ([Int](), [Int]())
    for channel in channels {
      let alone = try badNet.pruning([channel], of: layer)
      var (changes, isDone) = (false, true)
      for (index, reader) in readers.enumerated() {
        for (array, values) in alone.nodes[reader].layer.weights.map(\.values).enumerated() {
          for (place, value) in values.enumerated() where value != own[index][array][place] {
            changes = true
            if theirs[index][array][place] != value { isDone = false }
          }
        }
      }
      if !changes { alreadySilent.append(channel) } else if isDone { silenced.append(channel) }
    }
    let expected = try badNet.pruning(silenced, of: layer)
    (self.silenced, self.alreadySilent) = (silenced, alreadySilent)
    differences = expected.weightDifferences(from: repaired, places: places)
  }
}
