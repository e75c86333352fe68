import Foundation
import Linux

/// A thread of its own for the other end of a conversation.
package final class Server: Sendable {
    private let end = DispatchSemaphore(value: 0)

    package init(_ body: @escaping @Sendable () -> Void) {
        let end = end
        Thread.detachNewThread {
            body()
            end.signal()
        }
    }

    /// Waits until it has said and heard all it will.
    package func join(within seconds: Int = 60) throws {
        guard end.wait(timeout: .now() + .seconds(seconds)) == .success else {
            throw TestFailure.missing("the end of the other side's conversation", seen: "")
        }
    }
}
