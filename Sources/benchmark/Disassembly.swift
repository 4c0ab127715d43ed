import Foundation

/// Whether the compiler made vectors of the kernels: their instructions in the built program, read with objdump.
struct Disassembly {
  /// One kernel for one instruction set.
  struct Kernel {
    let instructionSet: String, function: String
    /// The register that its multiplications should use: `zmm`, `ymm` or `xmm`.
    let register: String
    /// Packed multiplications, fused with an addition or not, in that register.
    let packed: Int
    /// Multiplications of one number at a time, and calls of `fmaf`.
    let scalar: Int

    var isVectorised: Bool { packed > 0 && scalar == 0 }
  }

  let kernels: [Kernel]
  /// Why nothing was looked at, where that is so.
  let skipped: String?

  /// A line for each kernel that is not vectorised, or not there.
  var failures: [String] {
    kernels.filter { !$0.isVectorised }.map {
      """
      \($0.instructionSet) \($0.function): \($0.packed) packed multiplications in \($0.register) registers, \
      \($0.scalar) scalar ones; expected at least 1 and 0
      """
    }
  }

  private static let modules = [
    (instructionSet: "AVX-512", name: "KernelsAVX512", register: "zmm"),
    (instructionSet: "AVX2", name: "KernelsAVX2", register: "ymm"),
    (instructionSet: "baseline", name: "KernelsBaseline", register: "xmm"),
  ]
  /// The kernels that multiply, and the functions that one of them calls for it.
  private static let functions = [
    "convolve": ["convolve", "convolveTiles"], "convolveImage": ["convolveImage"],
    "convolveWinograd": ["convolveWinograd"], "convolveWinogradImage": ["convolveWinogradImage"],
    "addKernelGradient": ["addKernelGradient"],
    "addWinogradKernelGradient": ["addWinogradKernelGradient", "addProducts"],
    "multiplySparse": ["multiplySparse"], "largestSparse": ["largestSparse"], "addChannel": ["addChannel"],
    "multiplyPacked": ["multiplyPacked"], "multiplyFewWindows": ["multiplyFewWindows", "multiplyRow"],
    "convolveDepthwise": ["convolveDepthwise"],
    "transformLargeWindow": ["transformLargeWindow"],
    "multiplyMatrices": ["multiplyMatrices", "multiplyBlock", "multiplyStrip"],
  ]

  /// - Parameters:
  ///   - program: an executable for x86-64, not stripped.
  ///   - folder: for what objdump says.
  init(of program: String, folder: String) {
    #if arch(x86_64)
      guard let symbols = try? Self.symbols(of: program, folder) else {
        self.init(skipped: "objdump (binutils) is not there, so the instructions were not looked at.")
        return
      }
      let kernels = Self.modules.flatMap { module in
        Self.functions.sorted { $0.key < $1.key }.map { function, parts in
          // A Swift symbol: the module's name and the function's, each behind its length.
          let starts = parts.map { "$s\(module.name.count)\(module.name)\($0.count)\($0)" }
          let found = symbols.filter { symbol in
            starts.contains { start in
              // What follows the name is a parameter's label, a discriminator or a type, in no case a lower-case letter.
              symbol.name.hasPrefix(start) && symbol.name.dropFirst(start.count).first?.isLowercase != true
            }
          }
          let lines = found.flatMap { (try? Self.instructions(of: $0, in: program, folder)) ?? [] }
          return Kernel(
            instructionSet: module.instructionSet, function: function, register: module.register,
            packed: lines.count { Self.isPacked($0, register: module.register) },
            scalar: lines.count(where: Self.isScalar))
        }
      }
      self.init(kernels: kernels, skipped: nil)
    #else
      self.init(skipped: "This processor is not x86-64, so the instructions were not looked at.")
    #endif
  }

  private init(kernels: [Kernel] = [], skipped: String?) {
    self.kernels = kernels
    self.skipped = skipped
  }

  private struct Symbol {
    let name: String
    let address: Int, size: Int
  }

  private static func symbols(of program: String, _ folder: String) throws -> [Symbol] {
    let log = "\(folder)/symbols.txt"
    _ = try ChildProcess(["objdump", "-t", program], log: log)
    // address, flags, section, size, visibility and name, as in `0012ab g F .text 01f0 .protected $s4name`.
    return try lines(ofFileAt: log).compactMap { line in
      let parts = line.split(whereSeparator: \.isWhitespace)
      guard line.contains("Kernels"), let section = parts.firstIndex(of: ".text"), section + 1 < parts.count,
        let name = parts.last, let address = Int(parts[0], radix: 16), let size = Int(parts[section + 1], radix: 16)
      else { return nil }
      return Symbol(name: String(name), address: address, size: size)
    }
  }

  private static func instructions(of symbol: Symbol, in program: String, _ folder: String) throws -> [Substring] {
    let log = "\(folder)/instructions.txt"
    let range = ["--start-address=\(symbol.address)", "--stop-address=\(symbol.address + symbol.size)"]
    _ = try ChildProcess(["objdump", "-d", "--no-show-raw-insn"] + range + [program], log: log)
    // `  12ab:	vmulps %zmm1,%zmm2,%zmm3`
    return try lines(ofFileAt: log).compactMap { line in
      line.split(separator: "\t", maxSplits: 1).dropFirst().first
    }
  }

  private static func isPacked(_ instruction: Substring, register: String) -> Bool {
    let name = instruction.prefix { !$0.isWhitespace }
    return isMultiplication(name) && (name.hasSuffix("ps") || name == "mulpd") && instruction.contains("%\(register)")
  }

  private static func isScalar(_ instruction: Substring) -> Bool {
    let name = instruction.prefix { !$0.isWhitespace }
    return isMultiplication(name) && name.hasSuffix("ss") || instruction.contains("<fmaf")
  }

  /// `mulps`, `vmulps`, `vfmadd231ps`, `vfnmadd213ss` …; the baseline multiplies in double precision: `mulpd`.
  private static func isMultiplication(_ name: Substring) -> Bool {
    let name = name.hasPrefix("v") ? name.dropFirst() : name
    return ["mul", "fmadd", "fmsub", "fnmadd", "fnmsub"].contains { name.hasPrefix($0) }
  }
}

/// The lines of a small file.
func lines(ofFileAt path: String) throws -> [String] {
  try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
}
