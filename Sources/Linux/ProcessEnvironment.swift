import CLinux

/// The variables this process was started with (environ(7)). The first of several with one name counts.
public func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = clinux_environment()
    while let current = entry, let text = current.pointee {
        let words = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if words.count == 2, variables[String(words[0])] == nil { variables[String(words[0])] = String(words[1]) }
        entry = current + 1
    }
    return variables
}

/// The absolute path of the program called `name`, as a shell finds it by `path`; nil when there is none.
public func findExecutable(_ name: String, path: String) -> String? {
    for directory in path.split(separator: ":") where directory.hasPrefix("/") {
        let candidate = "\(directory)/\(name)"
        if canAccess(candidate, searching: true), (try? FileStatus(of: candidate))?.kind == .regular {
            return candidate
        }
    }
    return nil
}
