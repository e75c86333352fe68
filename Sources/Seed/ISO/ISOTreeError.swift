/// Why a tree cannot be written as an image. `path` is `name`, `directory/name` and so on.
public enum ISOTreeError: Error, Equatable, Sendable {
    /// - Parameter directory: nil at the top.
    case emptyName(directory: String?)
    /// `.` or `..`.
    case reservedName(path: String)
    case longName(path: String, characters: Int)
    case forbiddenCharacter(path: String, Unicode.Scalar)
    case duplicateName(path: String)
    case largeFile(path: String, bytes: Int)
    case tooManyEntries(Int)
    case tooDeep(path: String)
}

extension ISOTreeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyName(let directory):
            "seed: \(directory.map { String(reflecting: $0) } ?? "the image") holds a name that is empty; give it one"
        case .reservedName(let path):
            "seed: \(String(reflecting: path)) is a name of the system's own; choose another"
        case .longName(let path, let characters):
            "seed: the name of \(String(reflecting: path)) has \(characters) characters;"
                + " use \(ISOTree.longestName) at the most"
        case .forbiddenCharacter(let path, let character):
            "seed: the name of \(String(reflecting: path)) holds U+\(codePoint(character));"
                + " control characters, * / : ; ? \\ and what is above U+FFFF cannot be written, choose another name"
        case .duplicateName(let path):
            "seed: \(String(reflecting: path)) is there twice; rename or remove one"
        case .largeFile(let path, let bytes):
            "seed: \(String(reflecting: path)) has \(bytes) bytes; \(ISOTree.largestFile) are the most"
        case .tooManyEntries(let count):
            "seed: \(count) files and directories; \(ISOTree.mostEntries) are the most"
        case .tooDeep(let path):
            "seed: \(String(reflecting: path)) is on level \(ISOTree.mostLevels + 1); \(ISOTree.mostLevels) are the most"
        }
    }

    /// Four digits at the least, as Unicode writes it.
    private func codePoint(_ character: Unicode.Scalar) -> String {
        let digits = String(character.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
