import Glibc
import Linux
import TestSupport

/// Tells that somebody opens a file, by whatever mount (inotify(7)).
struct OpenWatch {
    private let descriptor: Descriptor
    private let path: String

    init(_ path: String) throws {
        self.path = path
        let descriptor = Descriptor(owning: try retryingInterrupts { inotify_init1(Int32(IN_CLOEXEC)) })
        try retryingInterrupts { inotify_add_watch(descriptor.rawValue, path, UInt32(IN_OPEN)) }
        self.descriptor = descriptor
    }

    func wait(within seconds: Int) throws {
        guard try descriptor.receive(until: .within(seconds)) != nil else {
            throw TestFailure.missing("somebody who opens \(path)", seen: "")
        }
    }
}
