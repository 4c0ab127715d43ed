extension Architecture {
  /// Thirteen 3 x 3 convolutions, each with batch normalisation, in five groups with a pooling behind each, and one dense layer. 15
  /// million parameters.
  ///
  /// Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015, table 1, column D.
  /// Deviates, as is usual for images of 32 x 32: batch normalisation, and one dense layer for three.
  static let vgg16 = Architecture("vgg-16") { classes, imageShape in
    var builder = ArchitectureBuilder(imageShape: imageShape)
    for (group, (filters, count)) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)].enumerated() {
      for index in 1...count {
        let name = "group\(group + 1)_\(index)"
        builder.convolution(name, filters: filters, size: 3)
        builder.rectifier("\(name)_relu")
      }
      builder.add("MaxPooling2D", "pool_\(group + 1)", ["pool_size": .integer(2), "padding": .string("same")])
    }
    builder.add("Flatten", "flatten")
    builder.dense("output", units: classes, activation: "softmax")
    return builder.layers
  }
}
