/// 3 x 3 convolutions of stride 1 by Winograd's products, in windows of `outputs` x `outputs` positions of the result; see
/// `transformWindow` and `transformLargeWindow` for their sources.
struct WindowKernels: Sendable {
  let outputs: Int
  let transform:
    @Sendable (
      _ places: UnsafePointer<UnsafePointer<Float>>, _ channels: Int, _ result: UnsafeMutablePointer<Float>,
      _ resultStep: Int, _ block: Int, _ blockStep: Int
    ) -> Void
  let finish:
    @Sendable (
      _ products: UnsafePointer<Float>, _ step: Int, _ channels: Int, _ bias: UnsafePointer<Float>,
      _ added: UnsafePointer<Float>?, _ result: UnsafeMutablePointer<Float>, _ rowPitch: Int, _ height: Int,
      _ width: Int, _ rectified: Bool, _ ceiling: Float
    ) -> Void
  let transformKernels:
    @Sendable (
      _ count: Int, _ kernels: UnsafePointer<Float>, _ step: Int, _ result: UnsafeMutablePointer<Float>
    ) -> Void

  /// Positions of the map that a window sees along each side.
  var side: Int { outputs + 2 }
  /// Products of a window.
  var numbers: Int { side * side }
}
