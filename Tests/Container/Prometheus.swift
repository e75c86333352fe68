import Foundation
import Linux
import TestSupport

/// A Prometheus that runs in the engine, by its published port.
struct Prometheus {
    let port: UInt16
    let workspace: Workspace

    /// The series that a query has now: labels and value.
    func query(_ expression: String) throws -> [(labels: [String: String], value: Double)] {
        let file = "\(workspace.path)/query"
        try expression.write(toFile: file, atomically: true, encoding: .utf8)
        // Its port is open before it listens.
        let answer = try shell(
            "curl -sS --max-time 30 --retry 60 --retry-delay 1 --retry-all-errors "
                + "--data-urlencode 'query@\(file)' http://127.0.0.1:\(port)/api/v1/query 2>&1")
        // After what curl says of each try that was in vain.
        let line = answer.split(separator: "\n").last ?? ""
        let json = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        guard let data = json?["data"] as? [String: Any], let result = data["result"] as? [[String: Any]] else {
            throw TestFailure("\(expression): \(answer)")
        }
        return result.map { series in
            let pair = series["value"] as? [Any]
            return (series["metric"] as? [String: String] ?? [:], Double(pair?.last as? String ?? "") ?? .nan)
        }
    }

    /// The value of the one series that a query has.
    func value(_ expression: String) throws -> Double? { try query(expression).first?.value }
}
