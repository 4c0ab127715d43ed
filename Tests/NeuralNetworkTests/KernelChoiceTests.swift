import Files
import NeuralNetwork
import Testing

@Suite struct KernelChoiceTests {
  @Test func takesTheWidestUnlessToldOtherwise() throws {
    #expect(try Kernels.named(nil).name == Kernels.available[0].name)
    for kernels in Kernels.available {
      let option = kernels.name == "AVX-512" ? "avx512" : kernels.name.lowercased()
      #expect(try Kernels.named(option).name == kernels.name)
    }
  }

  @Test(arguments: ["", "AVX2", "sse2", "avx512 "]) func refusesWhatIsUnknown(_ text: String) {
    #expect(
      throws: InputError("ESPALIER_KERNELS", found: "\"\(text)\"", expected: "avx512, avx2 or baseline")
    ) { _ = try Kernels.named(text) }
  }

  @Test(.enabled(if: Kernels.available.count == 2, "this processor has AVX-512, or no AVX2"))
  func refusesWhatTheProcessorLacks() {
    #expect(
      throws: InputError(
        "ESPALIER_KERNELS", found: "avx512, which this processor lacks", expected: "avx2 or baseline")
    ) { _ = try Kernels.named("avx512") }
  }
}
