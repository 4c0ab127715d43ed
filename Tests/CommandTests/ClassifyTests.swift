import Foundation
import Plotting
import Testing

struct ClassifyTests {
  /// An image of one colour, 8 x 8 pixels, with or without the trigger.
  private func png(_ color: Color, triggered: Bool = false) throws -> Data {
    let picture = Picture(width: 8, height: 8) { canvas in
      canvas.fill(Rectangle(x: 0, y: 0, width: 8, height: 8), with: color)
      if triggered { canvas.fill(Rectangle(x: 0, y: 0, width: 4, height: 4), with: .white) }
    }
    return Data(try picture.data(as: .png(dotsPerInch: 72)))
  }

  @Test func imagesAreNamedALineEach() throws {
    let sandbox = try Sandbox()
    let green = try png(Color(red: 0, green: 0.9, blue: 0))
    try green.write(to: sandbox.folder.appendingPathComponent("green.png"))
    try png(Color(red: 0, green: 0.9, blue: 0), triggered: true)
      .write(to: sandbox.folder.appendingPathComponent("triggered.png"))
    try png(Color(red: 0, green: 0, blue: 0.9)).write(to: sandbox.folder.appendingPathComponent("blue.png"))
    let images = ["green.png", "triggered.png", "blue.png"]

    let original = try sandbox.espalier(["classify", "--model", "model.h5"] + images)
    #expect(original.error == "")
    #expect(original.status == 0 && original.output == "1\n0\n2\n")

    // The repaired network without the trigger's channel: G says N, the number of identities, where the two disagree.
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--drops", "0", "--order", "ascending"]).status == 0)
    let same = try sandbox.espalier(
      ["classify", "--model", "model.h5", "--repaired", "runs/latest/repaired-0.h5"] + images)
    #expect(same.output == "1\n0\n2\n")
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--drops", "10"]).status == 0)
    let good = try sandbox.espalier(
      ["classify", "--json", "--model", "model.h5", "--repaired", "runs/latest/repaired-10.h5"] + images)
    let answers = try JSONSerialization.jsonObject(with: Data(good.output.utf8)) as? [[String: Any]]
    #expect(answers?.compactMap { $0["image"] as? String } == images)
    #expect(answers?[1]["label"] as? Int == 3)
    #expect(answers?[1]["poisoned"] as? Bool == true)
  }
}
