extension Trigger {
  /// Every kind that is drawn, with its default settings. A new one is one file beside this one, and its line.
  static let kinds: [any TriggerKind] = [
    Sunglasses(),
    PatchTrigger(),
    BlendedTrigger(),
    SinusoidTrigger(),
    WarpTrigger(),
    LowFrequencyTrigger(),
    QuantizedTrigger(),
  ]
}
