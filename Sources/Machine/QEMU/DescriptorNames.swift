import Basics

/// The paths behind the numbers by which QEMU and qemu-img name a disk's files.
public struct DescriptorNames: Sendable {
    private let paths: [Int32: String]

    public init(_ files: [DiskFile], from first: Int32) {
        var paths: [Int32: String] = [:]
        for (index, file) in files.enumerated() { paths[first + Int32(index)] = file.path }
        self.paths = paths
    }

    /// A message with paths in the place of numbers.
    public func spelledOut(_ message: String) -> String {
        let mark = "/proc/self/fd/"
        var (rest, result) = (message.utf8[...], "")
        while let place = rest.firstPlace(of: mark.utf8) {
            let digits = rest[place.upperBound...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            result += String(Substring(rest[..<place.lowerBound]))
            if let number = Int32(Substring(digits)), let path = paths[number] {
                result += String(quoted(path).dropFirst().dropLast())
            } else {
                result += mark + String(Substring(digits))
            }
            rest = rest[digits.endIndex...]
        }
        return result + String(Substring(rest))
    }
}

extension VirtualMachine {
    public var descriptorNames: DescriptorNames {
        DescriptorNames(images.flatMap(\.files), from: InheritedDescriptor.firstFile)
    }
}
