import Files
import Report
import TestSupport
import Testing

struct ReferenceCurveTests {
  private static let header = "channels_pruned,channels_total,clean_accuracy_percent,attack_success_rate_percent"

  @Test func columnsMayComeInAnyOrderWithOthersBesidesThem() throws {
    let text = """
      \u{FEFF}note,attack_success_rate_percent,channels_total,channels_pruned,clean_accuracy_percent\r
      x,77.2097,60,52,84.4375\r

      """
    let curve = try ReferenceCurve(csv: text, path: "curve.csv")
    #expect(curve.name == "curve.csv")
    #expect(
      curve.points == [
        PublishedTable.Row(channelsPruned: 52, channels: 60, cleanAccuracy: 84.4375, attackSuccess: 77.2097)
      ])
  }

  @Test func anyLineBreakAndNoneAtTheEnd() throws {
    for lineBreak in ["\n", "\r\n", "\r"] {
      let text = [Self.header, "1,60,98,100", "", "60,60,-0,0x1p3"].joined(separator: lineBreak)
      let points = try ReferenceCurve(csv: text, path: "curve.csv").points
      #expect(points.map(\.channelsPruned) == [1, 60] && points[1].attackSuccess == 8)
    }
  }

  /// A run's own `curve.csv`: the splits that its figure shows.
  @Test func aRunsOwnCurveIsAReference() throws {
    let whole = """
      channels_pruned,channels_total,channel,clean_valid_hits,clean_valid_total,clean_test_hits,clean_test_total,\
      backdoored_valid_hits,backdoored_valid_total,backdoored_test_hits,backdoored_test_total
      0,6,,10,10,9,12,10,10,12,12
      1,6,4,9,10,6,12,10,10,3,12

      """
    let points = try ReferenceCurve(csv: whole, path: "curve.csv").points
    #expect(points.map(\.channelsPruned) == [0, 1] && points.map(\.channels) == [6, 6])
    #expect(points.map(\.cleanAccuracy) == [75, 50] && points.map(\.attackSuccess) == [100, 25])
    let partial = whole.replacing("9,12,", with: ",,").replacing("6,12,", with: ",,").replacing(",12,12", with: ",,")
      .replacing(",3,12", with: ",,")
    // The half that has more rows, as in the run's own figure.
    let large = whole.replacing("10,10", with: "30,30").replacing(",9,10", with: ",27,30")
    for text in [partial, large] {
      let validation = try ReferenceCurve(csv: text, path: "curve.csv").points
      #expect(validation.map(\.cleanAccuracy) == [100, 90] && validation.map(\.attackSuccess) == [100, 100])
    }

    func error(_ old: String, _ new: String) -> String {
      errorText { try ReferenceCurve(csv: whole.replacing(old, with: new), path: "curve.csv") }
    }
    let expected = "; expected whole numbers, the first at most the second, of at least one row"
    #expect(error("9,12", "13,12") == "curve.csv: line 2: 13 hits of 12 rows\(expected)")
    #expect(error(",3,12", ",0,0") == "curve.csv: line 3: 0 hits of 0 rows\(expected)")
    #expect(error(",3,12", ",,") == "curve.csv: line 3: no hits of no rows\(expected)")
    #expect(error("1,6,4", "7,6,4") == "curve.csv: line 3: channels 7 of 6\(Self.channels)")
    #expect(
      error(",backdoored_test_total", "").hasPrefix("curve.csv: line 1: 0 columns backdoored_test_total; expected "))
  }

  /// Time and memory grow with the file and no faster.
  @Test func manyColumnsAndRows() throws {
    let more = (0..<5000).map { "c\($0)" }.joined(separator: ",")
    let row = "1,60,98,100" + String(repeating: ",", count: 5000)
    let text = ([Self.header + "," + more] + Array(repeating: row, count: 200)).joined(separator: "\n")
    #expect(try ReferenceCurve(csv: text, path: "curve.csv").points.count == 200)
  }

  private static let channels = "; expected whole numbers, the first at most the second"
  private static let percentage = "; expected a percentage in 0...100"

  /// What comes behind `curve.csv: ` for a file's text.
  private static let errors: [(String, String)] = [
    ("", "line 1: 0 columns channels_pruned; expected \(header)"),
    ("channels_pruned,channels_total", "line 1: 0 columns clean_accuracy_percent; expected \(header)"),
    ("\(header),channels_total", "line 1: 2 columns channels_total; expected \(header)"),
    ("\(header)", "no rows; expected a row for each number of channels"),
    ("\(header)\n1,60,98", "line 2: 3 values; expected 4"),
    ("\(header)\n1,60,98,100\n\n2,60,98,100,1", "line 4: 5 values; expected 4"),
    ("\(header)\n61,60,98,100", "line 2: channels 61 of 60\(channels)"),
    ("\(header)\n0,0,98,100", "line 2: channels 0 of 0\(channels)"),
    ("\(header)\n1.5,60,98,100", "line 2: channels 1.5 of 60\(channels)"),
    ("\(header)\n1,60,100.1,100", "line 2: 100.1\(percentage)"),
    ("\(header)\n1,60,98,-1", "line 2: -1\(percentage)"),
    ("\(header)\n1,60,nan,100", "line 2: nan\(percentage)"),
    ("\(header)\n1,60,,100", "line 2: an empty value\(percentage)"),
    ("\(header)\n1,60,98 %,100", "line 2: 98 %\(percentage)"),
    ("\(header)\n1,60,98,inf", "line 2: inf\(percentage)"),
    ("\(header)\n1,60,-inf,98", "line 2: -inf\(percentage)"),
    ("\(header)\n1,60,1e400,98", "line 2: 1e400\(percentage)"),
    ("\(header)\n1,60, 98,98", "line 2:  98\(percentage)"),
    ("\(header)\n-1,60,98,100", "line 2: channels -1 of 60\(channels)"),
    ("\(header)\n1,-60,98,100", "line 2: channels 1 of -60\(channels)"),
    ("\(header)\n,60,98,100", "line 2: channels  of 60\(channels)"),
    ("\(header)\n1,9223372036854775808,98,100", "line 2: channels 1 of 9223372036854775808\(channels)"),
    ("\(header)\n\"1\",60,98,100", "line 2: channels \"1\" of 60\(channels)"),
    ("\(header)\r\n1,60,98,100\r\n2;60;98;100", "line 3: 1 values; expected 4"),
    ("\(header)\r1,60,98,x", "line 2: x\(percentage)"),
    ("\n\(header)\n1,60,98,100", "line 1: 0 columns channels_pruned; expected \(header)"),
    (
      "\(header)\n1,60,98,\(String(repeating: "9", count: 1 << 20))",
      "line 2: \(String(repeating: "9", count: 1000))…\(percentage)"
    ),
    ("\(header)\n1,60,98,\u{1B}[2J", "line 2: \\u{1B}[2J\(percentage)"),
  ]

  @Test(arguments: errors)
  func errorsNameTheLine(text: String, message: String) {
    let error = #expect(throws: InputError.self) { try ReferenceCurve(csv: text, path: "curve.csv") }
    #expect(error?.description == "curve.csv: " + message)
  }
}
