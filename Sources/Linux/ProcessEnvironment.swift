import CLinux

/// The variables this process was started with (environ(7)). The first of several with one name counts.
public func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    for assignment in strings(clinux_environment()) {
        if let sign = assignment.utf8.firstIndex(of: UInt8(ascii: "=")) {
            let name = String(assignment[..<sign])
            if variables[name] == nil { variables[name] = String(assignment[sign...].dropFirst()) }
        }
    }
    return variables
}

/// What this process was started with, without its name.
public func processArguments() -> [String] {
    Array(strings(clinux_arguments()).dropFirst())
}

/// The strings of an array that ends with NULL.
private func strings(_ array: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
    var strings: [String] = []
    var entry = array
    while let current = entry, let text = current.pointee {
        strings.append(String(cString: text))
        entry = current + 1
    }
    return strings
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
