import Glibc

/// Writes to standard error, waiting for its reader. When that fails there is nobody left to tell.
public func writeToStandardError(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty, let count = try? retryingInterrupts({ write(STDERR_FILENO, rest.baseAddress, rest.count) })
        {
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
