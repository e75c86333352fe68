import Basics
import JSON
import Linux
import QMP

/// `drover usb`: devices of the host that the guest gets.
public struct USBDevices {
    private static let patience = Duration.seconds(10)

    private let client: QMPClient
    private let host: [HostUSBDevice]

    public init(_ client: QMPClient) {
        self.init(client, host: HostUSBDevice.all())
    }

    init(_ client: QMPClient, host: [HostUSBDevice]) {
        self.client = client
        self.host = host
    }

    /// - Returns: a line that says so, and why the guest does not have the device yet.
    public func attach(
        _ device: USBDeviceID, _ process: ProcessIdentity
    ) throws(ClientFailure) -> (line: String, notice: String?) {
        try ask(.usbAttach, device)
        if try isAttached(device) { return ("\(device) is attached\n", nil) }
        let obstacle: String
        if let found = host.first(where: { $0.id == device }) {
            obstacle = found.obstacle(process) ?? "QEMU has not taken it; the container's log may say why"
        } else {
            obstacle = "the host shows no such device (/sys/bus/usb); plug it in, and see drover usb list"
        }
        return ("\(device) is waited for\n", "\(device): \(obstacle)")
    }

    public func detach(_ device: USBDeviceID) throws(ClientFailure) -> String {
        try ask(.usbDetach, device)
        return "\(device) is detached\n"
    }

    /// The host's devices, and those that are waited for.
    public func list() throws(ClientFailure) -> String {
        let asked = try named()
        var rows: [(USBDeviceID, String, String)] = []
        for device in host {
            let state = asked.contains(device.id) ? try self.state(device.id) : "-"
            rows.append((device.id, state, device.product ?? ""))
        }
        for id in asked where !host.contains(where: { $0.id == id }) { rows.append((id, try state(id), "")) }
        guard !rows.isEmpty else { return "no USB devices\n" }
        return rows.map { id, state, product in
            "\(id)  \(product.isEmpty ? state : padded(state, 10) + product)\n"
        }.joined()
    }

    private func state(_ device: USBDeviceID) throws(ClientFailure) -> String {
        try isAttached(device) ? "attached" : "waited for"
    }

    // MARK: QEMU

    private func ask(_ command: DroverCommand, _ device: USBDeviceID) throws(ClientFailure) {
        let request = QMPCommand(command.rawValue, ["device": .string(device.description)])
        let reply = try client.execute(request, until: .now() + Self.patience)
        guard case .failure(_, let description) = reply.kind else { return }
        throw ClientFailure(.no, "\(device): \(Self.explain(terminalLine(description)))")
    }

    /// QEMU's words for what has a remedy.
    private static func explain(_ description: String) -> String {
        if description.hasPrefix("Bus 'usb.0' not found") {
            return "the machine has no USB controller; set QEMU_USB=on and start it again"
        }
        if description.hasPrefix("Duplicate device ID") {
            return "is attached or waited for already; see drover usb list"
        }
        if description.hasSuffix("not found") { return "is not attached; see drover usb list" }
        if description.holds("'usb-host' is not a valid device model") {
            return "this QEMU has no usb-host (its module hw-usb-host.so and libusb); build the image with them"
        }
        return description
    }

    private func named() throws(ClientFailure) -> [USBDeviceID] {
        let command = QMPCommand("qom-list", ["path": .string(Self.place)])
        let reply = try client.expectSuccess(of: command, until: .now() + Self.patience)
        return (reply.result?.elements ?? []).compactMap { $0["name"]?.text.flatMap { USBDeviceID(name: $0) } }
    }

    private func isAttached(_ device: USBDeviceID) throws(ClientFailure) -> Bool {
        let command = QMPCommand("qom-get", ["path": .string("\(Self.place)/\(device.name)"), "property": "attached"])
        let reply = try client.execute(command, until: .now() + Self.patience)
        return reply.result?.boolean ?? false
    }

    /// Where QEMU has the devices that have a name.
    private static let place = "/machine/peripheral"
}
