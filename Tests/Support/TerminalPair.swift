import Glibc
import Linux

/// A pseudo-terminal (pty(7)): what a person types on, and the terminal that programs see.
package struct TerminalPair {
    package let master: Descriptor
    /// While it is held, the terminal outlives the programs that open it.
    package let slave: Descriptor
    package let path: String

    package init() throws {
        // Glibc's Swift module hides posix_openpt and its like; these are TIOCSPTLCK and TIOCGPTN.
        master = try Descriptor.open("/dev/ptmx", .readWrite)
        _ = try Self.control(master, 0x4004_5431, 0)
        path = "/dev/pts/\(try Self.control(master, 0x8004_5430, 0))"
        slave = try Descriptor.open(path, .readWrite)
    }

    /// ioctl(2) with a number in and out.
    private static func control(_ terminal: Descriptor, _ request: UInt, _ number: Int32) throws -> Int32 {
        var number = number
        try retryingInterrupts { ioctl(terminal.rawValue, request, &number) }
        return number
    }
}
