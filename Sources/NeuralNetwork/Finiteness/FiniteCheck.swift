import Files

/// Looks for numbers that are not finite in a network's values, and tells the first by layer, image and value.
///
/// max(x, 0) and the largest of a window take NaN for 0, so that the logits alone do not tell. For most networks a bound on
/// every sum, from the images' largest number and the weights, tells that none can overflow: one look at each pixel. For the
/// others all logits are looked at, and every value of a batch's first images.
package struct FiniteCheck {
  private let network: Network
  private let threads: Int
  /// Made where it is needed, which is seldom.
  private lazy var pass = ForwardPass(network, threads: threads)
  /// The largest number of an image for which the bound holds, as far as was asked; negative for none.
  private var bounded: Float = -1

  /// Images of a batch of which every value is looked at.
  private static let walkedImages = 4

  package init(_ network: Network, threads: Int) {
    self.network = network.logitsNetwork
    self.threads = threads
  }

  /// Looks at some images.
  /// - Parameters:
  ///   - images: (N, H, W, C), prepared.
  ///   - largest: the largest absolute value of them, where it is known.
  ///   - logits: of them, where they are known.
  ///   - location: what an error calls the n-th image.
  /// - Throws: `NetworkError` for the first image with a value that is not finite.
  package mutating func check(
    _ images: Tensor, largest: Float? = nil, logits: Tensor? = nil, location: (Int) -> String
  ) throws {
    let largest = largest ?? images.largestMagnitude
    if largest <= bounded { return }
    if network.isBounded(for: Double(largest)) {
      bounded = largest
      return
    }
    let logits = try logits ?? pass.logits(of: images)
    let size = logits.shape.count
    let suspect = logits.values.firstIndex { !$0.isFinite }.map { $0 / size }
    let bare = try network.withFunctionsApart()
    let walk = ForwardPass(bare.network, threads: 1, kernels: nil)
    for image in Array(0..<min(Self.walkedImages, images.count)) + [suspect].compactMap({ $0 }) {
      let values = try walk.values(of: Array(bare.network.nodes.indices), given: [0: images.images(image..<image + 1)])
      for (index, value) in values.enumerated() {
        guard let odd = value.values.first(where: { !$0.isFinite }) else { continue }
        throw NetworkError(
          location(image), found: "layer \(bare.names[index]) answers \(odd)", expected: "finite numbers")
      }
    }
    // What the plain layers answer may be finite by another order of sums.
    if let suspect {
      let odd = logits.values[suspect * size..<(suspect + 1) * size].first { !$0.isFinite } ?? .nan
      throw NetworkError(
        location(suspect), found: "layer \(network.nodes[network.output].name) answers \(odd)",
        expected: "finite numbers")
    }
  }
}

extension Network {
  /// The same network with the functions that convolutions and dense layers end in as nodes of their own.
  /// - Returns: by node also the name of the layer that it is, or is a part of.
  fileprivate func withFunctionsApart() throws -> (network: Network, names: [String]) {
    var (apart, names, places) = ([Node](), [String](), [Int]())
    var used = Set(nodes.map(\.name))
    for node in nodes {
      var (layer, function) = (node.layer, Activation.linear)
      switch layer {
      case .convolution(var own):
        (function, own.activation) = (own.activation, .linear)
        layer = .convolution(own)
      case .dense(var own):
        (function, own.activation) = (own.activation, .linear)
        layer = .dense(own)
      default: break
      }
      apart.append(Node(name: node.name, layer: layer, inputs: node.inputs.map { places[$0] }))
      names.append(node.name)
      if function != .linear {
        var name = "\(node.name)/function"
        while !used.insert(name).inserted { name += "_" }
        apart.append(Node(name: name, layer: .activation(function), inputs: [apart.count - 1]))
        names.append(node.name)
      }
      places.append(apart.count - 1)
    }
    return (try Network(nodes: apart), names)
  }
}

extension Tensor {
  /// The largest absolute value; 0 of nothing.
  package var largestMagnitude: Float { values.withUnsafeBufferPointer { $0.largestMagnitude } }
}

extension UnsafeBufferPointer<Float> {
  /// The largest absolute value; 0 of nothing.
  package var largestMagnitude: Float {
    var (first, second, one) = (SIMD4<Float>(), SIMD4<Float>(), Float(0))
    func take(_ next: SIMD4<Float>, _ most: inout SIMD4<Float>) {
      let magnitude = next.replacing(with: -next, where: next .< SIMD4<Float>())
      most.replace(with: magnitude, where: magnitude .> most)
    }
    // Two at a time, so that one need not wait for the other.
    var index = 0
    while index &+ 8 <= count {
      take(four(at: index), &first)
      take(four(at: index &+ 4), &second)
      index &+= 8
    }
    for index in index..<count { one = Swift.max(one, abs(self[index])) }
    return Swift.max(one, first.max(), second.max())
  }
}
