import Basics

/// What arguments of QEMU's have to do with USB.
struct USBArguments {
    /// The first device that is plugged into a USB controller.
    private(set) var device: String?
    /// Whether there is one that they bring.
    private(set) var hasController = false
    /// The first option that brings the board's own controller.
    private(set) var legacyOption: String?

    init(_ arguments: [String]) {
        for (index, argument) in arguments.enumerated() where argument.utf8.first == UInt8(ascii: "-") {
            let value = index + 1 < arguments.count ? arguments[index + 1] : ""
            switch argument.hasPrefix("--") ? String(argument.dropFirst()) : argument {
            case "-device": add(OptionValue(value, impliedKey: "driver")["driver"] ?? "")
            case "-usb": bringsOwn("-usb")
            case "-usbdevice": bringsOwn("-usbdevice")
            case "-machine", "-M":
                if let usb = OptionValue(value, impliedKey: "type")["usb"], ["on", "yes", "true", "y"].contains(usb) {
                    bringsOwn("usb=\(usb)")
                }
            default: break
            }
        }
    }

    private mutating func bringsOwn(_ option: String) {
        hasController = true
        legacyOption = legacyOption ?? option
    }

    private mutating func add(_ driver: String) {
        if Self.controllers.contains(where: { driver.holds($0) }) {
            hasController = true
        } else if device == nil, driver.hasPrefix("usb-") || Self.others.contains(driver) {
            device = driver
        }
    }

    private static let controllers = ["xhci", "ehci", "ohci", "uhci"]
    /// USB devices whose names do not say so.
    private static let others = ["u2f-passthru", "u2f-emulated", "canokey"]
}
