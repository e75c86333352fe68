/// Finds a GNU/Hurd's file system on a disk, by its partition table and the superblocks it leads to.
///
/// The Hurd's ext2fs does not read one that has been enlarged, so such a disk keeps its size.
public enum HurdDisk {
    /// The sector with the partition table.
    public static let table = 0..<512
    /// In bytes, as is where it begins in its file system.
    private static let (superblockSize, superblockOffset) = (1024, 1024)

    /// Where the superblocks of Linux's kind of partitions (0x83) lie, in bytes, as far as they lie on the disk.
    ///
    /// - Parameters:
    ///   - sector: the first of the disk (512 bytes).
    ///   - size: the disk's, in bytes.
    public static func superblocks(_ sector: [UInt8], onDiskOf size: Int64) -> [Range<Int>] {
        guard sector.count == table.count, sector[510] == 0x55, sector[511] == 0xAA else { return [] }
        return (0..<4).compactMap { index in
            let entry = sector[(446 + 16 * index)..<(462 + 16 * index)]
            guard entry[entry.startIndex + 4] == 0x83 else { return nil }
            let first = entry[(entry.startIndex + 8)..<(entry.startIndex + 12)].reversed().reduce(0) {
                $0 << 8 | Int($1)
            }
            let start = first * 512 + superblockOffset
            return start + superblockSize <= size ? start..<(start + superblockSize) : nil
        }
    }

    /// Whether an ext2 superblock names the Hurd as its creator (ext2fs.h, `s_magic`, `s_creator_os`).
    public static func isHurds(_ superblock: [UInt8]) -> Bool {
        superblock.count == superblockSize && superblock[56...57].elementsEqual([0x53, 0xEF])
            && superblock[72...75].elementsEqual([1, 0, 0, 0])
    }
}
