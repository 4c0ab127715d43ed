import NeuralNetwork
import Testing

@Suite struct PoolingTests {
  static let windows: [(size: (Int, Int), stride: (Int, Int), padding: Window.Padding)] = [
    ((2, 2), (2, 2), .valid), ((2, 2), (2, 2), .same), ((3, 2), (1, 2), .valid), ((3, 3), (2, 2), .same),
    ((1, 4), (3, 1), .same), ((5, 5), (5, 5), .same), ((2, 3), (4, 4), .same),
  ]

  @Test(arguments: [Pooling.Kind.maximum, .average], windows.indices)
  func agreesWithTheReference(_ kind: Pooling.Kind, _ index: Int) throws {
    let (size, stride, padding) = Self.windows[index]
    let window = try Window(
      height: size.0, width: size.1, strideY: stride.0, strideX: stride.1, padding: padding)
    for extents in [[7, 9, 3], [6, 5, 1], [5, 4, 2]] {
      try expectReference(chain(extents, .pooling(Pooling(kind, window: window))))
    }
  }

  @Test func leavesOutWhatLiesBeyondTheEdge() throws {
    // 3 x 3, window 2, stride 2: the last row and column have one pixel of the window each.
    let window = try Window(height: 2, width: 2, strideY: 2, strideX: 2, padding: .same)
    let pixels: [Float] = [-1, -2, -3, -4, -5, -6, -7, -8, -9]
    #expect(try output(chain([3, 3, 1], .pooling(Pooling(.maximum, window: window))), pixels) == [-1, -3, -7, -9])
    #expect(try output(chain([3, 3, 1], .pooling(Pooling(.average, window: window))), pixels) == [-3, -4.5, -7.5, -9])
  }

  @Test(arguments: [false, true]) func averagesOverAllPositions(_ keeps: Bool) throws {
    let network = try chain([5, 3, 4], .globalAveragePooling(keepsDimensions: keeps))
    #expect(network.shapes[1].dimensions == (keeps ? [1, 1, 4] : [4]))
    try expectReference(network)
    let small = try chain([2, 1, 2], .globalAveragePooling(keepsDimensions: keeps))
    #expect(try output(small, [1, 10, 3, 30]) == [2, 20])
  }

  @Test func refusesVectors() throws {
    #expect(
      message { try chain([12], .globalAveragePooling(keepsDimensions: false)) }
        == "layer_1/input: shape (12); expected a feature map (height, width, channels)")
  }
}
