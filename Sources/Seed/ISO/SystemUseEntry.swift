/// An entry of a system use area: SUSP 1.10 §5 (SP, CE, ER) and RRIP 1.10 §4 (RR, PX, TF, NM).
enum SystemUseEntry: Equatable {
    /// SP: the first of the root's own record; says that all this is here.
    case sharingProtocol
    /// CE: the area goes on elsewhere.
    case continuation(sector: Int, offset: Int, length: Int)
    /// ER: which extension the other entries belong to.
    case rockRidge
    /// RR: which of the entries below a record has. Later editions dropped it, old readers look for it.
    case present(Fields)
    /// PX: the type and permission bits of `st_mode`, and the number of links. Owner and group are root.
    case attributes(mode: UInt32, links: Int)
    /// TF: modification, access and attribute change.
    case times(ISODate)
    /// NM: the name; 64 characters of UTF-8 always fit.
    case name([UInt8])

    struct Fields: OptionSet {
        let rawValue: UInt8
        static let attributes = Fields(rawValue: 0x01)
        static let name = Fields(rawValue: 0x08)
        static let times = Fields(rawValue: 0x80)
    }

    /// In bytes.
    var length: Int {
        switch self {
        case .sharingProtocol: 7
        case .continuation: Self.continuationLength
        case .rockRidge: 8 + Self.extensionTexts.reduce(0) { $0 + $1.utf8.count }
        case .present: 5
        case .attributes: 36
        case .times: 5 + 3 * 7
        case .name(let name): 5 + name.count
        }
    }

    static let continuationLength = 28

    /// Identifier, descriptor and source, as RRIP 1.10 §4.3 prescribes them.
    private static let extensionTexts = [
        "RRIP_1991A", "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS",
        "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME "
            + "DESCRIPTOR FOR CONTACT INFORMATION.",
    ]

    private var signature: String {
        switch self {
        case .sharingProtocol: "SP"
        case .continuation: "CE"
        case .rockRidge: "ER"
        case .present: "RR"
        case .attributes: "PX"
        case .times: "TF"
        case .name: "NM"
        }
    }

    func encode(into bytes: inout ISOBytes) {
        bytes.ascii(signature)
        bytes.uint8(UInt8(truncatingIfNeeded: length))
        bytes.uint8(1)
        switch self {
        case .sharingProtocol:
            bytes.raw([0xBE, 0xEF, 0])
        case .continuation(let sector, let offset, let length):
            for value in [sector, offset, length] { bytes.bothEndian(UInt32(truncatingIfNeeded: value)) }
        case .rockRidge:
            for text in Self.extensionTexts { bytes.uint8(UInt8(truncatingIfNeeded: text.utf8.count)) }
            bytes.uint8(1)
            for text in Self.extensionTexts { bytes.ascii(text) }
        case .present(let fields):
            bytes.uint8(fields.rawValue)
        case .attributes(let mode, let links):
            bytes.bothEndian(mode)
            bytes.bothEndian(UInt32(truncatingIfNeeded: links))
            bytes.bothEndian(UInt32(0))
            bytes.bothEndian(UInt32(0))
        case .times(let date):
            bytes.uint8(0x02 | 0x04 | 0x08)
            for _ in 0..<3 { date.encodeRecording(into: &bytes) }
        case .name(let name):
            bytes.uint8(0)
            bytes.raw(name)
        }
    }
}
