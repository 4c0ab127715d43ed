import Foundation
import NeuralNetwork
import Testing

@Suite struct KernelsTests {
  /// Linux lists an instruction set where the processor has it and the system keeps its registers. Without this the tests
  /// over all kernels would pass where the widest were left out.
  @Test func areThoseThatTheSystemLists() throws {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
    let flags = Set(line?.split(separator: " ").map(String.init) ?? [])
    var expected = ["baseline"]
    if flags.isSuperset(of: ["avx2", "fma"]) {
      expected.insert("AVX2", at: 0)
      if flags.contains("avx512f") { expected.insert("AVX-512", at: 0) }
    }
    #expect(Kernels.available.map(\.name) == expected)
  }
}
