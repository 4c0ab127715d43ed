import Files
import NeuralNetwork

/// What becomes of a pixel before it enters a network: `(pixel * scale - mean) / std`, with the colour's own mean and std.
///
/// So `1/255` with a mean and a std is what torchvision's `ToTensor` and `Normalize` make of pixels 0...255.
public struct InputPreparation: Equatable, Sendable {
  /// What pixels are multiplied by.
  public let scale: Double
  /// For each colour, or one for all; nil for 0.
  public let mean: [Double]?
  /// For each colour, or one for all, none of them 0; nil for 1.
  public let std: [Double]?

  /// - Throws: `InputError` for a number that is not finite, or a std that is not positive.
  public init(scale: Double, mean: [Double]? = nil, std: [Double]? = nil) throws {
    if let odd = mean?.first(where: { !$0.isFinite }) {
      throw InputError("--mean", found: "\(odd)", expected: "finite numbers, one for each colour or one for all")
    }
    if let odd = std?.first(where: { !($0.isFinite && $0 > 0) }) {
      throw InputError("--std", found: "\(odd)", expected: "positive numbers, one for each colour or one for all")
    }
    (self.scale, self.mean, self.std) = (scale, mean, std)
  }

  /// Pixels times `scale`, and no more.
  public init(scale: Double) { (self.scale, mean, std) = (scale, nil, nil) }

  /// - Throws: `InputError` where there are other than one number or one for each colour.
  package func require(channels: Int) throws {
    for (option, numbers) in [("--mean", mean), ("--std", std)] {
      guard let numbers, numbers.count != 1, numbers.count != channels else { continue }
      throw InputError(
        option, found: "\(numbers.count) numbers",
        expected: channels == 1 ? "1" : "1, or \(channels), one for each colour")
    }
  }

  /// What follows the multiplication by `scale`, in place; nothing without mean and std.
  package func normalize(_ images: inout Tensor) {
    guard mean != nil || std != nil else { return }
    let channels = images.shape.channels
    func numbers(_ numbers: [Double]?, _ standard: Float) -> [Float] {
      (0..<channels).map { channel in
        numbers.map { Float($0.count == 1 ? $0[0] : $0[channel]) } ?? standard
      }
    }
    let (means, stds) = (numbers(mean, 0), numbers(std, 1))
    images.values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: channels) {
        for channel in 0..<channels {
          values[start + channel] = (values[start + channel] - means[channel]) / stds[channel]
        }
      }
    }
  }
}
