import Files

/// How arrays of images are laid out in a file: the order of their axes.
public enum ImageLayout: String, Codable, CaseIterable, Sendable {
  /// (images, colours, height, width), as PyTorch and the lab's files have them.
  case nchw
  /// (images, height, width, colours), as Keras and pictures have them.
  case nhwc
}

/// What a user says about reading labelled images, where the files do not tell it themselves.
public struct ImageReading: Codable, Equatable, Sendable {
  /// The order of axes; nil for what the sizes tell.
  public var layout: ImageLayout?
  /// The array of images in a file of several, and that of labels; nil for the usual names.
  public var imagesKey: String?, labelsKey: String?
  /// The classes by label, where folders are named by them; nil for the folders' names in byte order.
  public var classes: [String]?

  /// Nothing but what the files tell.
  public init() {}

  /// Itself, or nil where nothing was said.
  public var ifGiven: ImageReading? { self == ImageReading() ? nil : self }

  /// The names that pairs of arrays usually have, images first.
  static let usualKeys = [
    ("data", "label"), ("x", "y"), ("images", "labels"), ("X", "y"), ("data", "labels"), ("image", "label"),
    ("x_train", "y_train"), ("x_test", "y_test"), ("x_valid", "y_valid"), ("x_val", "y_val"),
    ("train_images", "train_labels"), ("test_images", "test_labels"), ("arr_0", "arr_1"),
  ]

  /// Which of a file's arrays are images and labels.
  /// - Parameters:
  ///   - path: what errors call the file.
  ///   - names: of the arrays that it has; nil where they are not listed unless nothing fits.
  ///   - has: whether there is an array of a name.
  /// - Throws: `InputError` that lists what is there, where no pair of usual names or more than one is.
  func keys(
    of path: String, names: () throws -> [String], has: (String) throws -> Bool
  ) throws -> (images: String, labels: String) {
    func refuse(_ found: String, _ expected: String) throws -> InputError {
      let names = try names()
      let list = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
      return InputError(path, found: "\(found); it has \(names.isEmpty ? "nothing" : list)", expected: expected)
    }
    for key in [imagesKey, labelsKey].compactMap(\.self) where try !has(key) {
      throw try refuse("\(key) does not exist", "another \(key == imagesKey ? "--images-key" : "--labels-key")")
    }
    if let imagesKey, let labelsKey { return (imagesKey, labelsKey) }
    var found: [(images: String, labels: String)] = []
    for (images, labels) in Self.usualKeys {
      guard imagesKey == nil || imagesKey == images, labelsKey == nil || labelsKey == labels else { continue }
      if try has(images), try has(labels), !found.contains(where: { $0.images == images }) {
        found.append((images, labels))
      }
    }
    if let pair = found.first, found.count == 1 { return pair }
    if let imagesKey, found.isEmpty {
      // Any images beside labels of a usual name.
      for (_, labels) in Self.usualKeys where try has(labels) { return (imagesKey, labels) }
    }
    let expected = "--images-key and --labels-key, or data and label, x and y, or images and labels"
    guard found.isEmpty else {
      let pairs = found.map { "\($0.images) and \($0.labels)" }.joined(separator: ", ")
      throw InputError(path, found: "several pairs: \(pairs)", expected: "--images-key and --labels-key")
    }
    let missing = try imagesKey != nil || has("data") ? "label" : "data"
    throw try refuse("\(missing) does not exist", expected)
  }
}
