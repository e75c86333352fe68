import CLinux

/// crypt(3) of libcrypt.
public enum Crypt {
    /// The longest key libxcrypt takes, in bytes (CRYPT_MAX_PASSPHRASE_SIZE less its NUL).
    public static let longestKey = 511

    /// The hash of a key that ends in NUL.
    ///
    /// - Parameter setting: method, cost and salt, such as `$6$salt`; a hash is a setting too.
    /// - Throws: `.invalidArgument` for a setting it does not know, `ERANGE` for a key that is too long.
    public static func hash(_ key: UnsafeRawBufferPointer, setting: String) throws(Errno) -> String {
        guard key.last == 0, let start = key.baseAddress else { throw .invalidArgument }
        // CRYPT_OUTPUT_SIZE
        var output = [CChar](repeating: 0, count: 384)
        try retryingInterrupts {
            clinux_crypt(start.assumingMemoryBound(to: CChar.self), setting, &output, output.count)
        }
        return String(decoding: output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
