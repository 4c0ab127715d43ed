// swift-tools-version: 6.1
import PackageDescription

/// The arrows between modules; CONTRIBUTING.md draws them. Each C library is imported by one module alone. A module that
/// imports what lies behind its neighbour names it too, or a change there would not rebuild it.
/// The rooms below Attacks and Defences.
let ground: [Target.Dependency] = ["Datasets", "ModelFiles", "NeuralNetwork", "HDF5", "Archives", "Files", "Threads"]
/// The whole house, as the command sees it.
let espalier: [Target.Dependency] = ["Report", "Experiment", "Defences", "Attacks", "Plotting"] + ground

let package = Package(
  name: "espalier",
  products: [
    .executable(name: "espalier", targets: ["espalier"]),
    .library(
      name: "Espalier",
      targets: [
        "Report", "Experiment", "Defences", "Attacks", "Datasets", "ModelFiles", "NeuralNetwork", "HDF5", "Plotting",
        "Files",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    system("CCairo", pkgConfig: "cairo-fc", package: "libcairo2-dev"),
    // Their headers alone: the libraries are loaded when they are first needed, and pkg-config would link them.
    system("COpenBLAS", pkgConfig: nil, package: "libopenblas-dev"),
    system("CCrypto", pkgConfig: nil, package: "libssl-dev"),
    system("CDeflate", pkgConfig: "libdeflate", package: "libdeflate-dev"),
    system("CPNG", pkgConfig: "libpng", package: "libpng-dev"),
    system("CTurboJPEG", pkgConfig: "libturbojpeg", package: "libturbojpeg0-dev"),
    system("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
    system("CMark", pkgConfig: "libcmark-gfm", package: "libcmark-gfm-dev"),
    // libhdf5 too, by functions that call it; zlib is linked.
    .target(name: "CHDF5", linkerSettings: [.linkedLibrary("z")]),
    // libzip in the same way.
    .target(name: "CZip"),

    .target(name: "Threads"),
    .target(name: "Files", dependencies: ["Threads", "CCrypto"]),
    .target(name: "HDF5", dependencies: ["Files", "CHDF5"]),
    .target(name: "Archives", dependencies: ["Files", "CZip", "CZlib"]),
    .target(name: "CProcessor"),
    kernels("KernelsAVX512", flags: ["-mavx512f", "-mfma"]),
    kernels("KernelsAVX2", flags: ["-mavx2", "-mfma"]),
    kernels("KernelsBaseline", flags: []),
    .target(
      name: "NeuralNetwork",
      dependencies: ["Files", "Threads", "COpenBLAS", "CProcessor", "KernelsAVX512", "KernelsAVX2", "KernelsBaseline"]),
    .target(name: "Plotting", dependencies: ["Files", "Threads", "CCairo", "CDeflate"]),
    .target(
      name: "ModelFiles",
      dependencies: [
        "NeuralNetwork", "HDF5", "Archives", "Files", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      // What onnx.pb.swift is made from.
      exclude: ["ONNX/Schema/onnx.proto"]),
    .target(
      name: "Datasets",
      dependencies: ["NeuralNetwork", "HDF5", "Archives", "Plotting", "Files", "Threads", "CPNG", "CTurboJPEG"]),
    .target(
      name: "Attacks",
      dependencies: ["Datasets", "ModelFiles", "NeuralNetwork", "HDF5", "Plotting", "Files", "Threads"]),
    // Sees clean validation images and a network; it must never depend on Attacks or Experiment.
    .target(name: "Defences", dependencies: ["Datasets", "ModelFiles", "NeuralNetwork", "Files", "Threads"]),
    .target(name: "Experiment", dependencies: ["Defences", "Attacks"] + ground),
    .target(
      name: "Report",
      dependencies: [
        "Experiment", "Defences", "Attacks", "Plotting", "CMark",
        .product(name: "Mustache", package: "swift-mustache"),
      ] + ground,
      // A link to templates/, so that the program carries its templates and needs no folder beside it.
      resources: [
        .embedInCode("Templates/report.md.mustache"), .embedInCode("Templates/comparison.md.mustache"),
        .embedInCode("Templates/page.css"), .embedInCode("Templates/page.js"), .embedInCode("Templates/licence.txt"),
      ]),
    .executableTarget(
      name: "espalier",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Yams", package: "Yams"),
      ] + espalier),
    // Made inputs for the parsers; `make fuzz` runs it. ConfigurationFile.swift there is a link to the command's own.
    .executableTarget(
      name: "fuzz",
      dependencies: [.product(name: "Yams", package: "Yams")] + espalier),

    // `make bench` builds it; `make report` does not.
    .executableTarget(
      name: "benchmark",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")] + espalier),

    // `make examples` builds and runs them.
    example("curve", ["Experiment", "Datasets"]),
    example("defence", ["Experiment", "ModelFiles", "Datasets", "NeuralNetwork"]),
    example("figure", ["Report", "Experiment", "Plotting", "Files"]),

    .target(name: "TestSupport", dependencies: ["HDF5"], path: "Tests/Support"),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "HDF5", "TestSupport"]),
    .testTarget(name: "ArchivesTests", dependencies: ["Archives", "Files", "TestSupport"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"], exclude: ["Fixtures"]),
    .testTarget(
      name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "KernelsBaseline", "Files"], exclude: ["Fixtures"]),
    .testTarget(name: "PlottingTests", dependencies: ["Plotting"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["TestSupport"] + ground, exclude: ["Fixtures"]),
    .testTarget(name: "DatasetsTests", dependencies: ["TestSupport", "Plotting"] + ground, exclude: ["Fixtures"]),
    .testTarget(name: "AttacksTests", dependencies: ["TestSupport", "Attacks"] + ground, exclude: ["Fixtures"]),
    .testTarget(name: "DefencesTests", dependencies: ["Defences"] + ground, exclude: ["Fixtures"]),
    .testTarget(
      name: "ExperimentTests", dependencies: ["TestSupport", "Experiment", "Defences", "Attacks"] + ground,
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ReportTests",
      dependencies: ["TestSupport", "Report", "Experiment", "Defences", "Attacks", "Plotting"] + ground,
      exclude: ["Fixtures"]),
    .testTarget(name: "CommandTests", dependencies: ["espalier", "benchmark"] + espalier),
  ],
  swiftLanguageModes: [.v6]
)

// `make docs` alone needs the plugin; a plain build does not fetch it.
if Context.environment["ESPALIER_DOCS"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"))
}

/// A small program on the library.
func example(_ name: String, _ modules: [Target.Dependency]) -> Target {
  .executableTarget(name: "example-\(name)", dependencies: modules, path: "Examples/\(name)")
}

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
