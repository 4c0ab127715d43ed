/// A primitive layer that the engine runs by its plain forward pass: what formats translate their many layers into.
///
/// Axes are those of one image's value, so that axis 0 is its first one; the axis of the images is never an operation's
/// affair. A new operation is one new file beside this one, and a line nowhere.
public protocol LayerOperation: Equatable, Sendable {
  /// What errors and summaries call the operation.
  static var name: String { get }

  /// How many inputs it takes.
  var arity: ClosedRange<Int> { get }

  /// The numbers that multiply, and those that are added, where training may change them; else none.
  var kernel: [Float] { get set }
  var bias: [Float] { get set }

  /// Inputs that each output sums over, by which random weights are scaled; nil for kernels that are no such factors.
  var fanIn: Int? { get }

  /// Its arrays by the names of Keras, in Keras' order and shapes.
  var arrays: [(name: String, shape: [Int], values: [Float])] { get }

  /// The function that the operation ends in.
  var activation: Activation { get set }

  /// Whether each channel of the output depends on the same channel of every input alone, and is 0 everywhere where one of
  /// the inputs named by `silencedBy` is.
  var channels: ChannelRule { get }

  /// The shape of one image's output.
  /// - Parameter inputs: as many as `arity` allows.
  /// - Throws: `NetworkError` where the operation does not take them.
  func outputShape(_ inputs: [Shape]) throws -> Shape

  /// - Parameter shape: what `outputShape` answered for these inputs.
  func forward(_ inputs: [Tensor], shape: Shape) throws -> Tensor

  /// The gradients with respect to each input and to the weights.
  /// - Parameters:
  ///   - output: what `forward` answered, before the activation.
  ///   - gradient: with respect to it.
  func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) throws -> OperationGradient

  /// A copy whose channels answer 0 everywhere; nil where no weights can do that.
  func silencing(_ channels: Set<Int>) -> Self?

  /// A copy that answers to any input as to one whose channels are 0; nil where no weights can do that.
  func silencingInput(_ channels: Set<Int>) -> Self?
}

/// How an operation treats channels, the last axis.
public enum ChannelRule: Sendable {
  /// Channel c of the output is 0 where channel c of every input is.
  case keepsZero
  /// Channel c of the output is 0 where channel c of any input is.
  case zeroOfAny
  /// None of that.
  case mixes
}

/// What a backward pass of an operation gives.
public struct OperationGradient: Sendable {
  /// One for each input, in its shape.
  public var inputs: [Tensor]
  /// nil for an operation without weights.
  public var weights: WeightGradient?

  /// The given gradients.
  public init(_ inputs: [Tensor], weights: WeightGradient? = nil) {
    self.inputs = inputs
    self.weights = weights
  }
}

extension LayerOperation {
  /// See `LayerOperation`.
  public var arity: ClosedRange<Int> { 1...1 }
  /// See `LayerOperation`.
  public var kernel: [Float] {
    get { [] }
    set {}
  }
  /// See `LayerOperation`.
  public var bias: [Float] {
    get { [] }
    set {}
  }
  /// See `LayerOperation`.
  public var fanIn: Int? { nil }
  /// See `LayerOperation`.
  public var arrays: [(name: String, shape: [Int], values: [Float])] { [] }
  /// See `LayerOperation`.
  public var activation: Activation {
    get { .linear }
    set {}
  }
  /// See `LayerOperation`.
  public var channels: ChannelRule { .mixes }
  /// See `LayerOperation`.
  public func silencing(_ channels: Set<Int>) -> Self? { nil }
  /// See `LayerOperation`.
  public func silencingInput(_ channels: Set<Int>) -> Self? { nil }

  /// The operation as a layer of a network.
  public var layer: Layer { .operation(AnyOperation(self)) }

  func error(_ found: String, expected: String) -> NetworkError {
    NetworkError(Self.name, found: found, expected: expected)
  }

  func isEqual(to other: any LayerOperation) -> Bool { (other as? Self) == self }
}

/// Any operation, comparable with any other.
public struct AnyOperation: Equatable, Sendable {
  /// The operation itself.
  public var operation: any LayerOperation

  /// - Parameter operation: the one to hold.
  public init(_ operation: any LayerOperation) { self.operation = operation }

  /// Equal where kind, settings and weights are.
  public static func == (one: AnyOperation, other: AnyOperation) -> Bool {
    one.operation.isEqual(to: other.operation)
  }

  /// What the operation is called.
  public var name: String { type(of: operation).name }

  /// The settings by the names of their properties, without weights.
  public var settings: [(name: String, value: String)] {
    let arrays = Set(["kernel", "bias", "gamma", "beta", "slopes"])
    return Mirror(reflecting: operation).children.compactMap { child in
      child.label.flatMap { arrays.contains($0) ? nil : (name: $0, value: "\(child.value)") }
    }
  }

  /// How many numbers it stores.
  public var parameterCount: Int { operation.arrays.reduce(0) { $0 + $1.values.count } }
}
