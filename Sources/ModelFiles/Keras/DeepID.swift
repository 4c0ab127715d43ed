import Files
import NeuralNetwork

/// The face-recognition network of the BadNet literature's experiments, which a file of bare weights is taken for.
///
/// Sun, Wang & Tang, "Deep learning face representation from predicting 10,000 classes", CVPR 2014; the widths, and the
/// sum of two fully connected branches in place of one layer over both, as in the networks that NYU's lab published.
public enum DeepID {
  /// One layer of a network: what Keras calls it, and the settings that matter.
  private typealias Entry = (className: String, name: String, settings: [String: JSONValue], inputs: [String])

  /// Height, width and colours of an image.
  public static let imageShape = [55, 47, 3]
  /// The shortest side of images that need no padding: `conv_4` then reads at least 2 x 2 places.
  static let smallestSide = 31
  /// The layer whose channels the published defence prunes.
  public static let prunedLayer = "pool_3"
  /// The layer that holds the hidden features, behind the sum of the two branches.
  static let classifier = "output"

  /// The layers in order, as a Keras configuration.
  /// - Parameters:
  ///   - classes: how many identities the network tells apart.
  ///   - imageShape: height, width and colours. Images with a side under `smallestSide`, which would leave `conv_4` nothing,
  ///     are padded with zeros to their own size by every convolution.
  static func layers(classes: Int, imageShape: [Int] = imageShape) -> [KerasLayer] {
    let padding = imageShape.prefix(2).allSatisfy { $0 >= smallestSide } ? "valid" : "same"
    let entries: [Entry] = [
      ("InputLayer", "input", ["batch_shape": .array([.null] + imageShape.map(JSONValue.integer))], []),
      convolution("conv_1", 20, 4, padding, of: "input"), pool("pool_1", of: "conv_1"),
      convolution("conv_2", 40, 3, padding, of: "pool_1"), pool("pool_2", of: "conv_2"),
      convolution("conv_3", 60, 3, padding, of: "pool_2"), pool("pool_3", of: "conv_3"),
      convolution("conv_4", 80, 2, padding, of: "pool_3"),
      ("Flatten", "flatten_1", [:], ["pool_3"]), ("Flatten", "flatten_2", [:], ["conv_4"]),
      dense("fc_1", 160, "linear", of: "flatten_1"), dense("fc_2", 160, "linear", of: "flatten_2"),
      ("Add", "add_1", [:], ["fc_1", "fc_2"]),
      ("Activation", "activation_1", ["activation": .string("relu")], ["add_1"]),
      dense(classifier, classes, "softmax", of: "activation_1"),
    ]
    return entries.map {
      KerasLayer(className: $0.className, name: $0.name, settings: .object($0.settings), inputs: $0.inputs)
    }
  }

  private static func convolution(
    _ name: String, _ filters: Int, _ size: Int, _ padding: String, of input: String
  ) -> Entry {
    var settings: [String: JSONValue] = [
      "filters": .integer(filters), "kernel_size": .integer(size), "activation": .string("relu"),
    ]
    if padding != "valid" { settings["padding"] = .string(padding) }
    return ("Conv2D", name, settings, [input])
  }

  private static func pool(_ name: String, of input: String) -> Entry {
    ("MaxPooling2D", name, ["pool_size": .integer(2)], [input])
  }

  private static func dense(_ name: String, _ units: Int, _ activation: String, of input: String) -> Entry {
    ("Dense", name, ["units": .integer(units), "activation": .string(activation)], [input])
  }
}

extension Architecture {
  /// DeepID; see there.
  static let deepID = Architecture("deepid") { classes, imageShape in
    guard imageShape.count == 3, imageShape[0] >= 8, imageShape[1] >= 8 else {
      throw InputError(
        "DeepID", found: "images of \(imageShape.prefix(2).map(String.init).joined(separator: " x ")) pixels",
        expected: "at least 8 x 8 to train on")
    }
    return DeepID.layers(classes: classes, imageShape: imageShape)
  }
}
