import CLinux

/// Bytes that are left out of core dumps, stay out of swap when the kernel lets us lock them, and are zeroed at the end
/// of their life. Nothing prints them.
public final class SecretMemory {
    /// Writable: what is read into it need not pass through other memory.
    public let bytes: UnsafeMutableRawBufferPointer

    /// Zeroed memory of `count` bytes, one at least.
    public init(count: Int) throws(Errno) {
        guard let memory = clinux_secret_map(max(1, count)) else { throw Errno.current }
        bytes = UnsafeMutableRawBufferPointer(start: memory, count: max(1, count))
    }

    deinit {
        // `init` has given it an address.
        if let memory = bytes.baseAddress { clinux_secret_unmap(memory, bytes.count) }
    }
}

/// Zeroes what once held a secret, in a way no compiler leaves out (explicit_bzero(3)).
public func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { buffer in
        if let memory = buffer.baseAddress { clinux_zero(memory, buffer.count) }
    }
}

/// Keeps this process's memory out of core dumps and from processes without CAP_SYS_PTRACE (PR_SET_DUMPABLE), and its
/// children from dumping core (RLIMIT_CORE).
public func forbidCoreDumps() throws(Errno) {
    try retryingInterrupts { clinux_forbid_core_dumps() }
}

/// Bytes from the kernel's generator (getrandom(2)), 256 at most.
public func randomBytes(_ count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(count, 256))
    try retryingInterrupts { bytes.withUnsafeMutableBytes { clinux_random($0.baseAddress, $0.count) } }
    return bytes
}
