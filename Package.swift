// swift-tools-version: 6.1
import PackageDescription

/// The arrows between modules; CONTRIBUTING.md draws them. Each C library is imported by one module alone. A module that
/// imports what lies behind its neighbour names it too, or a change there would not rebuild it.
let package = Package(
  name: "espalier",
  products: [
    .executable(name: "espalier", targets: ["espalier"]),
    .library(name: "Espalier", targets: ["Report", "Experiment", "Backdoor", "NeuralNetwork", "HDF5", "Plotting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    system("CCairo", pkgConfig: "cairo-fc", package: "libcairo2-dev"),
    // Their headers alone: the libraries are loaded when they are first needed, and pkg-config would link them.
    system("COpenBLAS", pkgConfig: nil, package: "libopenblas-dev"),
    system("CCrypto", pkgConfig: nil, package: "libssl-dev"),
    system("CIgzip", pkgConfig: "libisal", package: "libisal-dev"),
    system("CPNG", pkgConfig: "libpng", package: "libpng-dev"),
    system("CTurboJPEG", pkgConfig: "libturbojpeg", package: "libturbojpeg0-dev"),
    // libhdf5 too, by functions that call it; zlib is linked.
    .target(name: "CHDF5", linkerSettings: [.linkedLibrary("z")]),

    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "Threads"),
    .target(name: "CProcessor"),
    kernels("KernelsAVX512", flags: ["-mavx512f", "-mfma"]),
    kernels("KernelsAVX2", flags: ["-mavx2", "-mfma"]),
    kernels("KernelsBaseline", flags: []),
    .target(
      name: "NeuralNetwork",
      dependencies: ["Threads", "COpenBLAS", "CProcessor", "KernelsAVX512", "KernelsAVX2", "KernelsBaseline"]),
    .target(name: "Plotting", dependencies: ["Threads", "CCairo", "CIgzip"]),
    .target(
      name: "Backdoor",
      dependencies: ["NeuralNetwork", "HDF5", "Plotting", "Threads", "CPNG", "CTurboJPEG", "CCrypto"]),
    .target(name: "Experiment", dependencies: ["Backdoor", "NeuralNetwork"]),
    .target(
      name: "Report",
      dependencies: [
        "Experiment", "Backdoor", "HDF5", "Plotting", .product(name: "Mustache", package: "swift-mustache"),
      ],
      // A link to templates/, so that the program carries its templates and needs no folder beside it.
      resources: [.embedInCode("Templates/report.md.mustache"), .embedInCode("Templates/comparison.md.mustache")]),
    .executableTarget(
      name: "espalier",
      dependencies: [
        "Report", "Experiment", "Backdoor", "NeuralNetwork", "HDF5", "Plotting", "Threads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ]),
    // Made inputs for the parsers; `make fuzz` runs it. ConfigurationFile.swift there is a link to the command's own.
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Report", "Experiment", "Backdoor", "NeuralNetwork", "HDF5", "Plotting",
        .product(name: "Yams", package: "Yams"),
      ]),

    // `make bench` builds it; `make report` does not.
    .executableTarget(
      name: "benchmark",
      dependencies: [
        "Report", "Experiment", "Backdoor", "NeuralNetwork", "HDF5", "Plotting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"], exclude: ["Fixtures"]),
    .testTarget(name: "NeuralNetworkTests", dependencies: ["NeuralNetwork"]),
    .testTarget(name: "PlottingTests", dependencies: ["Plotting"]),
    .testTarget(name: "BackdoorTests", dependencies: ["Backdoor", "NeuralNetwork", "HDF5"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ExperimentTests", dependencies: ["Experiment", "Backdoor", "NeuralNetwork", "HDF5"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ReportTests", dependencies: ["Report", "Experiment", "Backdoor", "Plotting"], exclude: ["Fixtures"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["espalier", "benchmark", "Experiment", "Backdoor", "NeuralNetwork", "HDF5", "Plotting"]),
  ],
  swiftLanguageModes: [.v6]
)

func system(_ name: String, pkgConfig: String?, package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// The same sources (Sources/Kernels, through links) for one instruction set; the processor's flags are x86's.
/// Optimised in debug builds too, which would otherwise take minutes over a test, and unchecked: the caller checks.
func kernels(_ name: String, flags: [String]) -> Target {
  #if arch(x86_64)
    let processor = flags.flatMap { ["-Xcc", $0] }
  #else
    let processor: [String] = []
  #endif
  return .target(
    name: name, dependencies: ["CProcessor"],
    swiftSettings: [.unsafeFlags(["-Ounchecked", "-wmo"] + processor)])
}
