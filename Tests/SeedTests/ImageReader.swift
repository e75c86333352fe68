/// Reads the directories of an image back, field by field, with none of the writer's code.
struct ImageReader {
    struct Record {
        let offset: Int
        let length: Int
        let sector: Int
        let size: Int
        let isDirectory: Bool
        let identifier: [UInt8]
        let systemUse: [UInt8]
    }

    struct PathRecord: Equatable {
        let sector: Int
        let parent: Int
        let identifier: [UInt8]
    }

    let bytes: [UInt8]

    func little(_ offset: Int, _ width: Int) -> Int {
        (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    func big(_ offset: Int, _ width: Int) -> Int {
        (0..<width).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }

    func text(_ offset: Int, _ width: Int) -> String {
        String(decoding: bytes[offset..<(offset + width)], as: UTF8.self)
    }

    /// The root's record in the descriptor at `sector`: 16 is the primary one, 17 Joliet's.
    func root(_ sector: Int) -> Record {
        record(sector * 2048 + 156)
    }

    func record(_ offset: Int) -> Record {
        let length = Int(bytes[offset])
        let identifierLength = Int(bytes[offset + 32])
        let systemUse = 33 + identifierLength + (identifierLength + 1) % 2
        return Record(
            offset: offset, length: length, sector: little(offset + 2, 4), size: little(offset + 10, 4),
            isDirectory: bytes[offset + 25] & 2 != 0,
            identifier: Array(bytes[(offset + 33)..<(offset + 33 + identifierLength)]),
            systemUse: Array(bytes[(offset + systemUse)..<(offset + length)]))
    }

    /// The records of a directory, those of itself and of its parent too.
    func records(of directory: Record) -> [Record] {
        var records: [Record] = []
        for sector in directory.sector..<(directory.sector + directory.size / 2048) {
            var offset = sector * 2048
            while offset < (sector + 1) * 2048, bytes[offset] != 0 {
                records.append(record(offset))
                offset += records[records.count - 1].length
            }
        }
        return records
    }

    func names(of directory: Record) -> [String] {
        records(of: directory).dropFirst(2).map { String(decoding: $0.identifier, as: UTF8.self) }
    }

    func ucs2Names(of directory: Record) -> [String] {
        records(of: directory).dropFirst(2).map { record in
            let pairs = stride(from: 0, to: record.identifier.count, by: 2).map {
                UInt16(record.identifier[$0]) << 8 | UInt16(record.identifier[$0 + 1])
            }
            return String(decoding: pairs, as: UTF16.self)
        }
    }

    /// The path table that the descriptor at `sector` names.
    func pathTable(_ sector: Int, big isBig: Bool) -> [PathRecord] {
        let descriptor = sector * 2048
        let integer = isBig ? big : little
        var offset = integer(descriptor + (isBig ? 148 : 140), 4) * 2048
        let end = offset + little(descriptor + 132, 4)
        var records: [PathRecord] = []
        while offset < end {
            let length = Int(bytes[offset])
            records.append(
                PathRecord(
                    sector: integer(offset + 2, 4), parent: integer(offset + 6, 2),
                    identifier: Array(bytes[(offset + 8)..<(offset + 8 + length)])))
            offset += 8 + length + length % 2
        }
        return records
    }
}
