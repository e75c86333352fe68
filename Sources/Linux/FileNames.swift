import Glibc

/// unlink(2).
public func removeFile(_ path: String) throws(Errno) {
    try retryingInterrupts { unlink(path) }
}

/// rename(2): what `path` named is replaced at once.
public func renameFile(_ path: String, to newPath: String) throws(Errno) {
    try retryingInterrupts { rename(path, newPath) }
}
