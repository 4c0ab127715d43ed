import Files
import Foundation
import NeuralNetwork
import Plotting
import Testing

/// A small study's files, byte for byte, as every processor has to make them.
///
/// Faces are squares from a folder and the trigger is a patch, so that no bytes here depend on a version of Cairo. A change that
/// alters them on purpose alters every committed result too.
@Suite struct GoldenTests {
  private static let digests = [
    "badnet.h5": "8e364fd38d8a95de34533a9a00b8f5927810d823ea8f08841e61b602109ba35a",
    "curve.csv": "a3bb00da1e940780655ded7db08da5d23574da86ff9b65918f0f78c5eaa5642d",
    "repaired-2.h5": "ff62841d7410a4f2030b87f4307067db1de1741e878e535f92c8f4a7109f0776",
    "run.json": "3bd4fcd5405aa738074c398e7c5bc671c9c0b9e0046b4e059cbf402e48657205",
    "report.md": "bb580af69cc054f6bd3c5caed559dfe4a79bb213a4b400ac0509de0e318f199c",
  ]

  @Test(arguments: Kernels.available.map(\.option)) func everyInstructionSetMakesTheSameFiles(_ kernels: String) throws
  {
    let sandbox = try Sandbox(files: [:])
    try Self.writeFaces(in: sandbox)
    let outcome = try sandbox.run(
      "espalier",
      [
        "run", "--faces", "faces", "--trigger", "patch", "--target", "1", "--epochs", "4", "--batch-size", "16",
        "--poison-fraction", "0.3", "--output", "run", "--figure", "figure.png", "--report", "report.md",
      ], environment: ["ESPALIER_KERNELS": kernels])
    #expect(outcome.status == 0, "\(outcome.error)")
    for (name, digest) in Self.digests {
      let path = name == "report.md" ? name : "run/\(name)"
      let found = try FileDigest.sha256(ofFileAt: sandbox.path(path))
      #expect(found == digest, "\(kernels), \(name)")
    }
  }

  /// Twenty pictures of each of three people: a square whose place and shade tell who it is. Its edges lie between pixels, so
  /// that nothing is smoothed.
  private static func writeFaces(in sandbox: Sandbox) throws {
    var random = SeededGenerator(seed: 3)
    for person in 0..<3 {
      for index in 0..<20 {
        let (x, y) = (Double(random.integer(below: 18)), Double(8 + 9 * person + random.integer(below: 4)))
        let shades = (0..<2).map { _ in Double(random.integer(below: 60)) / 255 }
        let picture = Picture(width: 47, height: 55) { canvas in
          canvas.fill(Rectangle(x: 0, y: 0, width: 47, height: 55), with: Color(gray: 0.75 + shades[0]))
          canvas.fill(
            Rectangle(x: x, y: y, width: 20, height: 18),
            with: Color(red: Double(person) / 3, green: shades[1], blue: shades[0]))
        }
        let file = URL(fileURLWithPath: sandbox.path("faces/person-\(person)/\(index).png"))
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(picture.data(as: .png(dotsPerInch: 72))).write(to: file)
      }
    }
  }
}
