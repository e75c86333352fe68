import Basics
import Linux

/// What the first bytes of an image say it is.
public enum DiskHeader: Equatable, Sendable {
    case qcow2(Qcow2Header)
    /// Another format with a name.
    case foreign(String)
    /// No signature: a raw image has none of its own.
    case none

    public enum Problem: Error, Equatable, Sendable {
        /// The file ends before what its header promises.
        case truncated(String)
        /// It contradicts itself or the specification.
        case corrupt(String)
        /// It is what is not read, for this reason, with the remedy.
        case refused(String)
        case unreadable(Errno)
    }

    /// Reads at most 194 KiB, whatever the image says.
    public static func read(_ window: ImageWindow) throws(Problem) -> DiskHeader {
        let head = try window.prefix(at: 0, ImageWindow.limit)
        guard head.starts(with: Qcow2Header.magic) else {
            if let name = name(head) { return .foreign(name) }
            return try VHDFooter.isAtEnd(window) ? .foreign(ImageFormat.vpc.noun) : .none
        }
        if HeaderBytes(bytes: head).uint32(4) == 1 { return .foreign("qcow version 1") }
        return .qcow2(try Qcow2Header(head, window))
    }

    public static func read(_ found: FoundFile) throws(Problem) -> DiskHeader {
        let window: ImageWindow
        do throws(Errno) {
            window = try .open(found)
        } catch {
            throw .unreadable(error)
        }
        return try read(window)
    }

    private static func name(_ head: [UInt8]) -> String? {
        signatures.first { signature in
            head.dropFirst(signature.offset).starts(with: signature.bytes)
        }?.name
    }

    /// What people put in the place of a disk image, as QEMU's drivers and file(1) know it.
    private static let signatures: [(offset: Int, bytes: [UInt8], name: String)] = [
        (0, VMDKSparseHeader.magic, "VMDK"),
        (0, Array("COWD".utf8), "VMware ESX COWD"),
        (0, Array("# Disk DescriptorFile".utf8), "VMDK"),
        (VDIHeader.signatureOffset, VDIHeader.signature, "VDI"),
        (0, Array("QED\0".utf8), "QED"),
        (0, VHDFooter.cookie, "VHD"),
        (0, VHDXHeader.signature, "VHDX"),
        (0, [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE], "LUKS"),
        (0, [0x1F, 0x8B], "gzip-compressed"),
        (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz-compressed"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "zstd-compressed"),
        (0, [0x50, 0x4B, 0x03, 0x04], "zip-compressed"),
        (257, Array("ustar".utf8), "tar"),
    ]
}

extension DiskHeader.Problem {
    var kind: Fault.Kind {
        switch self {
        case .truncated, .corrupt, .refused: .configuration
        case .unreadable(let errno): Fault.Kind(errno)
        }
    }

    /// Completes a message that begins with the image's path.
    ///
    /// - Parameter format: what it is.
    func text(_ path: String, _ format: ImageFormat = .qcow2) -> String {
        let check =
            format == .qcow2
            ? "check it: qemu-img check -f qcow2 \(shellQuoted(path)), or restore it from a backup"
            : "or look at it with the program that made it"
        return switch self {
        case .truncated(let what): "is cut off: the file ends before \(what); copy it again, \(check)"
        case .corrupt(let what) where format == .qcow2: "has a damaged qcow2 header (\(what)); \(check)"
        case .corrupt(let what): "has a damaged \(format.noun) header (\(what)); copy it again, \(check)"
        case .refused(let what): what
        case .unreadable(let errno): "cannot be read: \(errno)"
        }
    }
}
