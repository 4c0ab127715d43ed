import CProcessor
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Kernels {
  /// What this processor can run, the widest first.
  package static let available: [Kernels] =
    (processor_has_avx512f() ? [avx512] : []) + (processor_has_avx2_fma() ? [avx2] : []) + [baseline]

  /// What this process runs: the widest that the processor has, or the one that the environment names.
  package static let chosen = (try? named(environmentValue)) ?? available[0]

  /// The environment variable that holds a process to one instruction set.
  package static let environmentVariable = "ESPALIER_KERNELS"

  /// - Throws: `InputError` where the environment names an instruction set that is unknown or that the processor lacks.
  package static func checkEnvironment() throws { _ = try named(environmentValue) }

  private static var environmentValue: String? { getenv(environmentVariable).map { String(cString: $0) } }

  /// - Parameter text: the variable's value; nil where it is not set.
  package static func named(_ text: String?) throws -> Kernels {
    guard let text else { return available[0] }
    if let kernels = available.first(where: { $0.option == text }) { return kernels }
    let isKnown = [avx512, avx2, baseline].contains { $0.option == text }
    throw InputError(
      environmentVariable, found: isKnown ? "\(text), which this processor lacks" : "\"\(text)\"",
      expected: (isKnown ? available : [avx512, avx2, baseline]).map(\.option).formatted)
  }

  /// As the environment variable names it.
  package var option: String { name.lowercased().replacing("-", with: "") }
}

extension [String] {
  /// `a, b or c`.
  fileprivate var formatted: String {
    count < 2 ? joined() : "\(dropLast().joined(separator: ", ")) or \(self[count - 1])"
  }
}
