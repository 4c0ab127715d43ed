import Experiment
import Testing

/// The tidy tables of a comparison, cell by cell.
struct ComparisonTableTests {
  @Test func oneRowForEachRunXNetworkAndSplit() throws {
    let runs = try [ComparedRecord(seed: 1), ComparedRecord(seed: 2, drops: ["2", "99"])].map {
      try $0.run("a,b/\($0.seed)")
    }
    let text = String(decoding: try Comparison([runs[0]]).resultsTable(threads: 2), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "run,seed,group,x,network,split,channels_pruned,channels_total,hits,total")
    #expect(lines.count == 1 + 2 * 3 * 2 && text.hasSuffix("\n"))
    #expect(lines[1] == "\"a,b/1\",1,,2,B,cleanValid,0,4,98,100")
    #expect(lines[3] == "\"a,b/1\",1,,2,B',cleanValid,2,4,95,100")
    #expect(lines.last == "\"a,b/1\",1,,4,G,backdooredValid,3,4,90,100")
    // X = 99 is never reached.
    let other = String(decoding: try Comparison([runs[1]]).resultsTable(threads: 1), as: UTF8.self)
    #expect(other.contains("\n\"a,b/2\",2,,99,B',cleanValid,,4,,\n"))
  }

  @Test func oneRowForEachRunAndK() throws {
    let runs = try ["ascending", "random"].map { try ComparedRecord(order: $0).run($0) }
    let comparison = try Comparison(runs, across: "order")
    let lines = String(decoding: comparison.curvesTable(threads: 2), as: UTF8.self).split(separator: "\n")
    #expect(
      lines[0] == """
        run,seed,group,channels_pruned,channels_total,channel,clean_valid_hits,clean_valid_total,clean_test_hits,\
        clean_test_total,backdoored_valid_hits,backdoored_valid_total,backdoored_test_hits,backdoored_test_total
        """)
    #expect(lines.count == 1 + 2 * 5)
    #expect(lines[1] == "ascending,1,ascending,0,4,,98,100,,,100,100,,")
    #expect(lines[10] == "random,1,random,4,4,3,40,100,,,5,100,,")
    #expect(comparison.curvesTable(threads: 1) == comparison.curvesTable(threads: 3))
  }

  @Test func quantilesLieBetweenSortedNumbers() throws {
    // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1])
    let quantiles = try #require(Summary([8, 1, 4, 2])?.quantiles([0, 0.25, 0.5, 0.9, 1]))
    #expect(zip(quantiles, [1, 1.75, 3, 6.8, 8]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(Summary([5])?.quantiles([0.3]) == [5])
  }
}
