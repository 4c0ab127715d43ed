import Files
import Testing

@Suite struct InputErrorTests {
  @Test func saysWhereWhatAndWhatWasExpected() {
    let error = InputError("faces.h5", found: "data has shape (3, 55)", expected: "(N, 3, H, W)")
    #expect("\(error)" == "faces.h5: data has shape (3, 55); expected (N, 3, H, W)")
  }

  @Test func leavesOutAnExpectationThatWasNotGiven() {
    #expect("\(InputError("faces.h5", found: "no such file"))" == "faces.h5: no such file")
  }

  @Test func staysOneLine() {
    let error = InputError("a\nb.png", found: "one\r\ntwo", expected: "x\ny")
    #expect(error.description == "a b.png: one two; expected x y")
    #expect(error == InputError("a b.png", found: "one two", expected: "x y"))
  }

  @Test func isHarmlessToATerminal() {
    let long = String(repeating: "é", count: 1000)
    #expect("\(InputError("\u{1B}[2Ja.png", found: "a\tb\u{0}"))" == "\\u{1B}[2Ja.png: a\\tb\\0")
    #expect("\(InputError("a", found: long))" == "a: \(long)")
    #expect("\(InputError("a", found: long + "x"))" == "a: \(long)…")
  }
}
