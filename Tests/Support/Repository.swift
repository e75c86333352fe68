import Glibc

/// The repository's top, from this file's place in it.
package let repository = String(#filePath.dropLast("/Tests/Support/Repository.swift".count))

package func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Where a program of the machine's own is looked for.
package let systemPath = "/usr/sbin:/usr/bin:/sbin:/bin"

/// `text` as one word of a shell command, whatever is in it.
package func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
