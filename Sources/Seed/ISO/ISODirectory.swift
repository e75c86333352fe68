/// A directory of an image.
public struct ISODirectory: Equatable, Sendable {
    public var name: String
    public var files: [ISOFile]
    public var directories: [ISODirectory]
    /// Permission bits, such as 0o500; owner and group are root.
    public var mode: UInt16
    public var date: ISODate

    public init(
        name: String, files: [ISOFile], directories: [ISODirectory] = [], mode: UInt16 = 0o500,
        date: ISODate = .constant
    ) {
        self.name = name
        self.files = files
        self.directories = directories
        self.mode = mode
        self.date = date
    }

    func allFiles(in parent: String) -> [(path: String, file: ISOFile)] {
        let prefix = "\(parent)\(name)/"
        return files.map { (prefix + $0.name, $0) } + directories.flatMap { $0.allFiles(in: prefix) }
    }
}
