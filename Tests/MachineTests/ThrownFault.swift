import Basics
import Machine

/// The fault that `body` throws; nil when it throws none. `#expect(throws:)` returns the error only from Swift 6.1 on.
func thrownFault(_ body: () throws -> Any) -> Fault? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? Fault
    }
}
