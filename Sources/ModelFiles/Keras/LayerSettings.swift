import NeuralNetwork

extension Layer {
  /// Everything about a layer but the numbers that it learned, by the names of Keras: the class first, then its settings
  /// and the shapes of its arrays.
  package var settings: [(name: String, value: String)] {
    let (className, settings) = configuration
    return [("class", className)] + settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }
      + weights.map { ($0.name, "shape \(tuple($0.shape))") }
  }
}
