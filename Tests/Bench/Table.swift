import Glibc
import Linux

// What a measurement is turned into, in a file of its own: Swift 6.0.3 cannot compile a call from another file to a
// function of main.swift.

func median(_ values: [Duration]) -> Duration { values.sorted()[values.count / 2] }

func milliseconds(_ duration: Duration) -> String {
    let hundredths = Int((Double(duration.nanoseconds) / 1e4).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) ms"
}

func ratio(_ left: Double, _ right: Double) -> String {
    let hundredths = Int((left / right * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

func row(_ what: String, _ value: String, _ limit: String = "") {
    print("\(padded(what, 58)) \(padded(value, 22)) \(limit)")
    // Whatever becomes of the next one.
    fflush(nil)
}
