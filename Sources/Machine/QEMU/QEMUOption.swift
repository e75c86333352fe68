/// What Drover knows of a QEMU option.
struct QEMUOption: Sendable {
    enum Value: Sendable {
        case none, always, unknown
    }

    let value: Value
    /// The rest of a line after the option: reason and remedy; nil to let it pass.
    let refusal: @Sendable (String) -> String?

    /// An option of a QEMU newer than this table; QEMU itself refuses what it does not know.
    static let unknown = QEMUOption(value: .unknown) { _ in nil }
}
