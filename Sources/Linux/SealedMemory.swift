import CLinux

extension Descriptor {
    /// An empty file that is in memory alone (memfd_create(2)).
    ///
    /// - Parameter name: what `/proc/PID/maps` shows.
    public static func memory(_ name: String) throws(Errno) -> Descriptor {
        Descriptor(owning: try retryingInterrupts { clinux_memfd(name) })
    }

    /// A file that is in memory alone (memfd_create(2)) with these contents, read-only. It is sealed: nobody who gets
    /// hold of it can change it.
    ///
    /// - Parameter name: what `/proc/PID/maps` shows.
    public static func sealedMemory(_ name: String, _ contents: [UInt8]) throws(Errno) -> Descriptor {
        try sealedMemory(name, size: contents.count) { (file) throws(Errno) in try file.writeAll(contents) }
    }

    /// The same of `size` bytes, which `write` writes as far as they are not zero.
    public static func sealedMemory(
        _ name: String, size: Int, write: (Descriptor) throws(Errno) -> Void
    ) throws(Errno) -> Descriptor {
        let file = try memory(name)
        try file.truncate(to: Int64(size))
        try write(file)
        try retryingInterrupts { clinux_seal(file.rawValue) }
        // QEMU opens a descriptor of its set only as it was opened, and this CD is read-only.
        return try open("/proc/self/fd/\(file.rawValue)")
    }

    /// Whether it is a file of `sealedMemory`'s, which nobody can change.
    public var isSealed: Bool { clinux_is_sealed(rawValue) != 0 }

    /// Writes everything into a file, which takes as much as there is room for.
    public func writeAll(_ contents: [UInt8]) throws(Errno) {
        var written = 0
        while written < contents.count {
            written += try write(contents, from: written)
        }
    }

    /// Whether the file is in memory alone (tmpfs, ramfs), as secrets are that Swarm mounts.
    public func isInMemory() throws(Errno) -> Bool {
        try retryingInterrupts { clinux_is_in_memory(rawValue) } > 0
    }
}
