import Basics

/// A part of a disk in VMware's format, and the file that holds it.
struct VMDKExtent: Equatable {
    enum Kind: Equatable {
        case sparse
        /// From this sector of the file on.
        case flat(offset: UInt64)
    }

    /// As the descriptor writes it.
    let name: String
    let kind: Kind
    /// Of 512 bytes.
    let sectors: UInt64
}

/// The text that names the extents of a VMDK: a file of its own, or in the only one.
struct VMDKDescriptor: Equatable {
    /// More are as many descriptors as a process may have; of 2 GiB each they are 800 GiB.
    static let mostExtents = 400

    let extents: [VMDKExtent]

    init(ofFile window: ImageWindow) throws(DiskHeader.Problem) {
        guard window.size <= Int64(ImageWindow.limit) else {
            throw .refused("is a VMDK descriptor of \(window.size) bytes, and none has more than \(ImageWindow.limit)")
        }
        try self.init(try window.prefix(at: 0, ImageWindow.limit))
    }

    /// - Parameter text: what follows a NUL is padding.
    init(_ text: [UInt8]) throws(DiskHeader.Problem) {
        guard let text = HeaderBytes.text(text.prefix { $0 != 0 }[...]) else {
            throw .corrupt("descriptor that is no UTF-8 text")
        }
        var extents: [VMDKExtent] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = Self.words(line)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if ["RW", "RDONLY", "NOACCESS"].contains(first) {
                extents.append(try Self.extent(words))
            } else {
                try Self.checkParent(line)
            }
        }
        guard !extents.isEmpty else { throw .corrupt("descriptor without extents") }
        guard extents.count <= Self.mostExtents else {
            throw .refused(
                "has \(extents.count) extents, more than \(Self.mostExtents); make one file of it: \(Self.remedy)")
        }
        self.extents = extents
    }

    /// In bytes.
    static func size(of extents: [VMDKExtent]) throws(DiskHeader.Problem) -> Int64 {
        var sectors: UInt64 = 0
        for extent in extents {
            let (sum, overflow) = sectors.addingReportingOverflow(extent.sectors)
            guard !overflow, sum <= UInt64(Int64.max) / 512 else { throw .corrupt("size of more than 8 EiB") }
            sectors = sum
        }
        return Int64(sectors * 512)
    }

    private static let remedy = "vmware-vdiskmanager -r IMAGE -t 0 NEW.vmdk"

    private static func checkParent(_ line: Substring) throws(DiskHeader.Problem) {
        let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace }.lowercased() }
        guard parts.count == 2 else { return }
        let hasParent =
            switch parts[0] {
            case "parentcid": parts[1] != "ffffffff"
            case "parentfilenamehint": true
            default: false
            }
        if hasParent {
            throw .refused(
                "is a snapshot's image, and its parent has the rest; make one whole image of both: \(remedy)")
        }
    }

    /// `RW 4192256 SPARSE "disk-s001.vmdk"`, `RW 4192256 FLAT "disk-f001.vmdk" 0`.
    private static func extent(_ words: [String]) throws(DiskHeader.Problem) -> VMDKExtent {
        guard words.count >= 3, let sectors = UInt64(words[1]), sectors > 0, sectors <= UInt64(Int64.max) / 512 else {
            throw .corrupt("extent without a size")
        }
        guard words[0] != "NOACCESS", ["FLAT", "VMFS", "SPARSE"].contains(words[2]), words.count >= 4 else {
            throw .refused(
                "has an extent of kind \(quoted(words[2], limit: 40)), which is not read; make one file of it: \(remedy)"
            )
        }
        if words[2] == "SPARSE" { return VMDKExtent(name: words[3], kind: .sparse, sectors: sectors) }
        guard words.count < 5 || UInt64(words[4]) != nil, let offset = words.count < 5 ? 0 : UInt64(words[4]),
            offset <= UInt64(Int64.max) / 512 - sectors
        else { throw .corrupt("offset of the extent \(quoted(words[3], limit: 100))") }
        return VMDKExtent(name: words[3], kind: .flat(offset: offset), sectors: sectors)
    }

    /// Split at white space, but for what stands in double quotes.
    private static func words(_ line: Substring) -> [String] {
        var (words, word, isQuoted, isWord) = ([String](), "", false, false)
        for character in line {
            if character == "\"" {
                (isQuoted, isWord) = (!isQuoted, true)
            } else if character.isWhitespace, !isQuoted {
                if isWord { words.append(word) }
                (word, isWord) = ("", false)
            } else {
                word.append(character)
                isWord = true
            }
        }
        return isWord ? words + [word] : words
    }
}
