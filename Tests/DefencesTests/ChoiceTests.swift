import Defences
import Files
import Testing

@Suite struct ChoiceTests {
  private func message(_ name: String, _ options: String = "") -> String {
    do {
      _ = try DefenceChoice(name, options: options, among: Defence.all)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func standardSettingsAreThePapers() throws {
    func text(_ name: String) throws -> String { try DefenceChoice(name, among: Defence.all).values.text }
    #expect(try text("pruning") == "")
    #expect(try text("clp") == "u=3")
    #expect(try text("bnp") == "u=3")
    #expect(try text("anp") == "alpha=0.2,batch=128,eps=0.4,iterations=2000,rate=0.2,threshold=0.2")
    #expect(
      try text("rnp")
        == "alpha=0.2,batch=128,clean=0.2,recover-epochs=20,recover-rate=0.2,threshold=0.2,unlearn-epochs=20,"
        + "unlearn-rate=0.01")
    #expect(try text("fine-pruning") == "batch=32,clip=1,decay=0.0005,epochs=20,momentum=0.9,rate=0.01,stop=0.2")
    #expect(
      try DefenceChoice("anp", options: "eps=0.25, iterations=7", among: Defence.all).values.values["eps"] == 0.25)
    #expect(
      Defence.all.map(\.name)
        == ["pruning", "fine-pruning", "clp", "bnp", "anp", "rnp", "taylor", "weight-norm", "random"])
  }

  @Test func unknownNamesAreToldTheNearest() {
    #expect(
      message("clq")
        == "--defence: no defence clq; expected clp, the nearest, or one of pruning, fine-pruning, bnp, anp, rnp, taylor, "
        + "weight-norm, random")
    #expect(message("fine-tuning").contains("expected fine-pruning, the nearest"))
    #expect(message("clp", "v=3") == "--defence-options: no setting v of clp; expected u")
    #expect(
      message("anp", "treshold=0.2")
        == "--defence-options: no setting treshold of anp; expected threshold, the nearest, or one of eps, alpha, "
        + "iterations, rate, batch")
    #expect(
      message("pruning", "u=3")
        == "--defence-options: no setting u of pruning; expected no settings, for pruning has none")
  }

  @Test func valuesOutOfRangeAreRefused() {
    #expect(message("clp", "u") == "--defence-options: u; expected name=value, as u=3,rate=0.01")
    #expect(message("clp", "u=-1") == "--defence-options: u=-1; expected a number in 0...1000")
    #expect(message("clp", "u=nan") == "--defence-options: u=nan; expected a number in 0...1000")
    #expect(message("clp", "u=x") == "--defence-options: u=x; expected a number in 0...1000")
    #expect(message("clp", "u=1,u=2") == "--defence-options: u twice; expected each setting once")
    #expect(message("clp", "u=1,") == "--defence-options: an empty setting; expected name=value, as u=3,rate=0.01")
    #expect(
      message("anp", "iterations=1.5") == "--defence-options: iterations=1.5; expected a whole number in 1...1000000")
  }
}
