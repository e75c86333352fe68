import Glibc

/// unlink(2).
public func removeFile(_ path: String) throws(Errno) {
    try retryingInterrupts { unlink(path) }
}

/// rename(2): what `path` named is replaced at once.
public func renameFile(_ path: String, to newPath: String) throws(Errno) {
    try retryingInterrupts { rename(path, newPath) }
}

/// link(2): a second name for the same file; one that is taken stays as it is.
public func linkFile(_ path: String, as newPath: String) throws(Errno) {
    try retryingInterrupts { link(path, newPath) }
}

/// readdir(3), in no order, without `.` and `..`.
///
/// - Throws: `.tooLarge` when there are more than `limit`.
public func fileNames(in directory: String, limit: Int = .max) throws(Errno) -> [String] {
    guard let stream = opendir(directory) else { throw .current }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name == "." || name == ".." { continue }
        guard names.count < limit else { throw .tooLarge }
        names.append(name)
    }
    return names
}
