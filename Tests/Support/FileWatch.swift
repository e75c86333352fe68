import Glibc
import Linux

/// Tells when something happens to a file or folder, wherever it is mounted (inotify(7)).
package struct FileWatch {
    package enum Event {
        case opened

        fileprivate var mask: UInt32 {
            switch self {
            case .opened: UInt32(IN_OPEN)
            }
        }
    }

    private let descriptor: Descriptor
    private let what: String

    package init(_ path: String, for event: Event) throws {
        let descriptor = Descriptor(owning: try retryingInterrupts { inotify_init1(Int32(IN_CLOEXEC)) })
        try retryingInterrupts { inotify_add_watch(descriptor.rawValue, path, event.mask) }
        self.descriptor = descriptor
        what = "\(path) is \(event)"
    }

    package func wait(within seconds: Int) throws {
        guard try descriptor.receive(until: .now() + .seconds(seconds)) != nil else {
            throw TestFailure.missing(what, seen: "")
        }
    }
}
