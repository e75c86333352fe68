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

    /// Zeroes the first `count` bytes.
    public func wipe(first count: Int) {
        if let memory = bytes.baseAddress { clinux_zero(memory, min(count, bytes.count)) }
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

/// Neither this process nor one that it starts dumps core, into a file or to a handler (RLIMIT_CORE).
public func forbidCoreDumps() {
    clinux_forbid_core_dumps()
}

/// For a process that secrets pass through: keeps its memory from processes without CAP_SYS_PTRACE (PR_SET_DUMPABLE), and
/// its heap out of swap.
public func hideMemory() {
    clinux_hide_memory()
    clinux_lock_heap()
}

/// Keeps the heap out of swap as far as it reaches now, when the kernel lets us; costs nothing when it has not grown.
public func lockHeap() {
    clinux_lock_heap()
}

/// Bytes from the kernel's generator (getrandom(2)), 256 at most.
public func randomBytes(_ count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(count, 256))
    try retryingInterrupts { bytes.withUnsafeMutableBytes { clinux_random($0.baseAddress, $0.count) } }
    return bytes
}
