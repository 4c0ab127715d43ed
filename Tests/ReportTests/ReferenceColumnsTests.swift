import Report
import TestSupport
import Testing

/// Tables with other names than the published ones.
struct ReferenceColumnsTests {
  private func points(_ text: String) throws -> [PublishedTable.Row] {
    try ReferenceCurve(csv: text, path: "t.csv").points
  }

  private let wanted = [
    PublishedTable.Row(channelsPruned: 0, channels: 60, cleanAccuracy: 98.5, attackSuccess: 100),
    PublishedTable.Row(channelsPruned: 45, channels: 60, cleanAccuracy: 90.25, attackSuccess: 50),
    PublishedTable.Row(channelsPruned: 60, channels: 60, cleanAccuracy: 0, attackSuccess: 0),
  ]

  @Test(arguments: [
    "k,acc,asr\n0,98.5,100\n45,90.25,50\n60,0,0",
    "\u{FEFF}\"Pruned channels\";\"Clean Accuracy (%)\";\"ASR (%)\"\r\n0;98,5;100\r\n45;90,25;50\r\n60;0;0\r\n",
    "ASR\tclean acc\tchannels pruned\tchannels\n1\t0.985\t0\t60\n0.5\t0.9025\t45\t60\n0\t0\t60\t60",
    "Fraction of Channels Pruned, Clean Accuracy, Attack Success Rate\n0.0,98.5 %,100 %\n0.75, 90.25 %,50 %\n1,0 %,0 %",
    "channels_pruned,channels_total,clean_accuracy_fraction,attack_success_rate_fraction\n0,60,0.985,1\n45,60,0.9025,0.5\n60,60,0,0",
  ])
  func usualNames(text: String) throws {
    let found = try points(text)
    #expect(found.count == 3)
    for (row, wanted) in zip(found, wanted) {
      // Fractions alone do not tell 60 channels from 4.
      #expect(row.channelsPruned * wanted.channels == wanted.channelsPruned * row.channels)
      #expect(abs((row.cleanAccuracy ?? -1) - (wanted.cleanAccuracy ?? 0)) < 1e-9)
      #expect(abs((row.attackSuccess ?? -1) - (wanted.attackSuccess ?? 0)) < 1e-9)
    }
  }

  @Test func errorsNameTheLine() {
    func error(_ text: String) -> String { errorText { try points(text) } }
    #expect(error("k,acc,asr\n0,98.5") == "t.csv: line 2: 2 values; expected 3")
    #expect(error("k,acc,asr\n0,98.5,x") == "t.csv: line 2: x; expected a number from 0")
    #expect(error("k,acc,asr\n0,98.5,101") == "t.csv: line 2: 101.0; expected a percentage in 0...100")
    #expect(error("k,acc (%),asr_fraction\n0,98.5,1.5") == "t.csv: line 2: 1.5; expected a fraction in 0...1")
    #expect(
      error("k,total,acc,asr\n9,8,1,1")
        == "t.csv: line 2: channels 9 of 8; expected whole numbers, the first at most the second")
    #expect(error("k,acc,asr\n0.5,1,1") == "t.csv: 0.5 channels; expected whole numbers of channels")
    #expect(error("k,acc,asr") == "t.csv: no rows; expected a row for each number of channels")
    #expect(error("k,acc\n1,1").hasPrefix("t.csv: line 1: 0 columns channels_pruned; expected "))
  }
}
