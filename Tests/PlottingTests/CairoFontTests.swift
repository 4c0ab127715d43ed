import Plotting
import Testing

/// These speak of DejaVu Sans, which `make packages` installs.
@Suite struct CairoFontTests {
  /// In ems, from the font's own table of widths: DejaVu Sans 2.37 has 2048 units to the em, 1303 for "0".
  @Test(arguments: [(Font.Weight.regular, 1303.0 / 2048), (.bold, 1425.0 / 2048)])
  func fontsOwnFile(weight: Font.Weight, zero: Double) throws {
    let font = CairoFont(weight)
    try font.check()
    #expect(abs(font.widthInEms(of: "0") - zero) < 1e-3)
  }

  @Test(arguments: [Font.Weight.regular, .bold])
  func whereTheFileIsNotFoundFontconfigIsAsked(weight: Font.Weight) throws {
    let font = CairoFont(weight, folders: ["/nowhere"])
    try font.check()
    #expect(font.widthInEms(of: "Accuracy 98 %") == CairoFont(weight).widthInEms(of: "Accuracy 98 %"))
  }
}
