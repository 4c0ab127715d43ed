extension Network {
  /// A node's output for each image, and the gradient of each image's own cross-entropy with respect to it, by the plain
  /// layers.
  /// - Parameters:
  ///   - node: index of a node before the last one.
  ///   - images: (N, H, W, C), scaled.
  ///   - labels: (N), each a class of the network.
  /// - Throws: `NetworkError` that names a layer without a gradient.
  public func activationGradient(
    of node: Int, images: Tensor, labels: [Int], threads: Int
  ) throws -> BackwardPass.Activation {
    try BackwardPass(self, threads: threads, kernels: nil).activation(of: node, images: images, labels: labels)
  }
}
