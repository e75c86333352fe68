import Glibc

/// A bound on the memory that a process may map (getrlimit(2)).
public struct AddressSpaceLimit: Equatable, Sendable {
    /// `RLIMIT_AS` or `RLIMIT_DATA`.
    public let name: String
    /// In bytes.
    public let value: Int64

    public init(name: String, value: Int64) {
        self.name = name
        self.value = value
    }

    /// The tighter one of this process, which what it starts inherits; nil: there is none.
    public static func current() -> AddressSpaceLimit? {
        let limits = [("RLIMIT_AS", RLIMIT_AS), ("RLIMIT_DATA", RLIMIT_DATA)].compactMap { name, resource in
            softLimit(resource).map { AddressSpaceLimit(name: name, value: $0) }
        }
        return limits.min { $0.value < $1.value }
    }
}

/// Whether this program can come as far as to say what is wrong. It takes 9 MiB to be executed at all.
public func hasAddressSpaceToStart() -> Bool {
    let least: Int64 = 32 << 20
    return softLimit(RLIMIT_AS) ?? .max >= least && softLimit(RLIMIT_DATA) ?? .max >= least
}

/// Nil: unlimited.
private func softLimit(_ resource: __rlimit_resource) -> Int64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
        return nil
    }
    return Int64(clamping: limit.rlim_cur)
}
