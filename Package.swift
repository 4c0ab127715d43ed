// swift-tools-version: 6.1
import PackageDescription

/// The arrows between modules; CONTRIBUTING.md draws them. Each C library is imported by one module alone.
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
    system("CHDF5", pkgConfig: "hdf5", package: "libhdf5-dev"),
    system("CCairo", pkgConfig: "cairo", package: "libcairo2-dev"),
    system("COpenBLAS", pkgConfig: "openblas", package: "libopenblas-dev"),
    system("CPNG", pkgConfig: "libpng", package: "libpng-dev"),
    system("CTurboJPEG", pkgConfig: "libturbojpeg", package: "libturbojpeg0-dev"),
    system("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),

    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "NeuralNetwork", dependencies: ["COpenBLAS"]),
    .target(name: "Plotting", dependencies: ["CCairo"]),
    .target(name: "Backdoor", dependencies: ["NeuralNetwork", "HDF5", "Plotting", "CPNG", "CTurboJPEG", "CCrypto"]),
    .target(name: "Experiment", dependencies: ["Backdoor"]),
    .target(
      name: "Report",
      dependencies: ["Experiment", "Plotting", .product(name: "Mustache", package: "swift-mustache")],
      // A link to templates/, so that the program carries its templates and needs no folder beside it.
      resources: [.embedInCode("Templates/report.md.mustache")]),
    .executableTarget(
      name: "espalier",
      dependencies: [
        "Report", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ]),

    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"], exclude: ["Fixtures"]),
    .testTarget(name: "NeuralNetworkTests", dependencies: ["NeuralNetwork"]),
    .testTarget(name: "PlottingTests", dependencies: ["Plotting"]),
    .testTarget(name: "BackdoorTests", dependencies: ["Backdoor"], resources: [.copy("Fixtures")]),
    .testTarget(name: "ExperimentTests", dependencies: ["Experiment"]),
    .testTarget(name: "ReportTests", dependencies: ["Report", "Plotting"], exclude: ["Fixtures"]),
    .testTarget(name: "CommandTests", dependencies: ["espalier", "Experiment", "Plotting"]),
  ],
  swiftLanguageModes: [.v6]
)

func system(_ name: String, pkgConfig: String, package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}
