extension Architecture {
  /// A residual network of 18 layers for small images: a 3 x 3 convolution, four groups of two blocks with 64, 128, 256 and 512
  /// channels, and the mean over positions. 11 million parameters.
  ///
  /// He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016, table 1 and section 4.2: without the
  /// first pooling, as is usual for images of 32 x 32. Deviates: `same` padding at strides of 2 begins at the map's edge.
  static let resNet18 = Architecture("resnet-18") { classes, imageShape in
    var builder = ArchitectureBuilder(imageShape: imageShape)
    builder.convolution("stem", filters: 64, size: 3)
    builder.rectifier("stem_relu")
    for (group, filters) in [64, 128, 256, 512].enumerated() {
      for block in 0..<2 {
        builder.residualBlock(
          "group\(group + 1)_block\(block + 1)", filters: filters, stride: group > 0 && block == 0 ? 2 : 1)
      }
    }
    builder.add("GlobalAveragePooling2D", "mean")
    builder.dense("output", units: classes, activation: "softmax")
    return builder.layers
  }
}

extension ArchitectureBuilder {
  fileprivate mutating func residualBlock(_ name: String, filters: Int, stride: Int) {
    let input = last
    convolution("\(name)_1", filters: filters, size: 3, stride: stride)
    rectifier("\(name)_1_relu")
    convolution("\(name)_2", filters: filters, size: 3)
    let sum = last
    if stride > 1 { convolution("\(name)_shortcut", filters: filters, size: 1, stride: stride, of: input) }
    add("Add", "\(name)_sum", of: [sum, stride > 1 ? last : input])
    rectifier("\(name)_relu")
  }
}
