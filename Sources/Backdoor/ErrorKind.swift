import HDF5
import NeuralNetwork
import Plotting

/// Whether an error speaks of what was given, and not of the program or the machine.
package func isAboutInput(_ error: any Error) -> Bool {
  error is InputError || error is NetworkError || error is HDF5Error || error is PlottingError
}
