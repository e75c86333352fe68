import JSON

/// A kind of USB device by its two numbers, as `lsusb` shows them: `046d:c52b`. Neither is 0, which QEMU takes for any.
public struct USBDeviceID: Hashable, Sendable {
    public let vendor: UInt16
    public let product: UInt16

    /// - Parameter text: `046d:c52b`.
    public init?(_ text: String) {
        self.init(text, separator: ":")
    }

    /// - Parameter name: what QEMU calls a device.
    public init?(name: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        self.init(String(name.dropFirst(Self.prefix.count)), separator: "-")
    }

    private init?(_ text: String, separator: Character) {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 2, let vendor = Self.number(parts[0]), let product = Self.number(parts[1])
        else { return nil }
        (self.vendor, self.product) = (vendor, product)
    }

    private static func number(_ digits: Substring) -> UInt16? {
        guard digits.utf8.count == 4, digits.utf8.first != UInt8(ascii: "+") else { return nil }
        return UInt16(digits, radix: 16).flatMap { $0 == 0 ? nil : $0 }
    }

    /// What PID 1 calls such a device in QEMU: one of a kind.
    public var name: String { Self.prefix + digits(vendor) + "-" + digits(product) }

    private static let prefix = "host-"

    /// The bus of `QEMU_USB`'s controller. A device that is not there yet is taken when it comes.
    var attach: QMPCommand {
        QMPCommand(
            "device_add",
            [
                "driver": "usb-host", "vendorid": .integer(vendor), "productid": .integer(product),
                "id": .string(name), "bus": "usb.0",
            ])
    }

    var detach: QMPCommand { QMPCommand("device_del", ["id": .string(name)]) }
}

extension USBDeviceID: CustomStringConvertible {
    public var description: String { "\(digits(vendor)):\(digits(product))" }
}

private func digits(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
}
