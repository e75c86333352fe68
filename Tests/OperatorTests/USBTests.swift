import Foundation
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// A host's sysfs with a hub, an interface, a stick and a card reader, in a folder.
private struct USBHost {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for (name, attributes) in [
            ("usb1", ["idVendor": "1d6b", "idProduct": "0002", "bDeviceClass": "09", "busnum": "1", "devnum": "1"]),
            ("1-2:1.0", ["bInterfaceClass": "08"]),
            (
                "1-2",
                [
                    "idVendor": "0951", "idProduct": "1666", "bDeviceClass": "00", "busnum": "1", "devnum": "4",
                    "product": "Data\u{1b}[2JTraveler",
                ]
            ),
            ("1-3", ["idVendor": "08e6", "idProduct": "3437", "bDeviceClass": "00", "busnum": "1", "devnum": "12"]),
        ] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/sys/\(name)", withIntermediateDirectories: true)
            for (attribute, value) in attributes {
                try "\(value)\n".write(
                    toFile: "\(folder.path)/sys/\(name)/\(attribute)", atomically: false, encoding: .utf8)
            }
        }
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/dev/001", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/dev/001/004"))
    }

    var devices: [HostUSBDevice] { HostUSBDevice.all(sysfs: "\(folder.path)/sys", nodes: "\(folder.path)/dev") }
}

private let process = ProcessIdentity(user: 10001, group: 10001)

private func id(_ text: String) throws -> USBDeviceID { try #require(USBDeviceID(text)) }

/// A failure of QEMU's, as PID 1 passes it on.
private func failure(_ desc: String) -> String {
    #"{"error": {"class": "GenericError", "desc": "\#(desc)"}, "id": 1}"#
}

@Test func theHostsDevicesAreThoseThatSysfsShows() throws {
    let host = try USBHost()
    #expect(host.devices.map(\.id.description) == ["0951:1666", "08e6:3437"])
    #expect(host.devices.map(\.product) == ["Data[2JTraveler", nil])
    #expect(host.devices[0].obstacle(process) == nil)
    let reader = "\(host.folder.path)/dev/001/012"
    #expect(
        host.devices[1].obstacle(process)
            == "the container does not have its node \(reader); compose: devices: [\"/dev/bus/usb\"]")
    #expect(HostUSBDevice.all(sysfs: "/nowhere").isEmpty)
}

@Test func anAttachedDeviceIsSaidToBeOneOnlyWhenTheGuestHasIt() throws {
    let host = try USBHost()
    let cases: [(device: String, answer: String, line: String, notice: String?)] = [
        ("0951:1666", "true", "0951:1666 is attached\n", nil),
        (
            "0951:1666", "false", "0951:1666 is waited for\n",
            "0951:1666: QEMU has not taken it; the container's log may say why"
        ),
        (
            "08e6:3437", "false", "08e6:3437 is waited for\n",
            "08e6:3437: the container does not have its node \(host.folder.path)/dev/001/012; "
                + #"compose: devices: ["/dev/bus/usb"]"#
        ),
        (
            "046d:c52b", "false", "046d:c52b is waited for\n",
            "046d:c52b: the host shows no such device (/sys/bus/usb); plug it in, and see drover usb list"
        ),
    ]
    for (device, answer, line, notice) in cases {
        let (client, server) = try client(hearing: [#"{"return": {}, "id": 1}"#, #"{"return": \#(answer), "id": 2}"#])
        let said = try USBDevices(client, host: host.devices).attach(id(device), process)
        #expect(said.line == line && said.notice == notice, "\(said)")
        #expect(
            try sent(to: server).first
                == #"{"execute":"drover-usb-attach","arguments":{"device":"\#(device)"},"id":1}"#)
    }
}

@Test(arguments: [
    ("Bus 'usb.0' not found", "the machine has no USB controller; set QEMU_USB=on and start it again"),
    ("Duplicate device ID 'host-0951-1666'", "is attached or waited for already; see drover usb list"),
    (
        "'usb-host' is not a valid device model name",
        "this QEMU has no usb-host (its module hw-usb-host.so and libusb); build the image with them"
    ),
    ("something\\u001b else", "something else"),
])
func whyADeviceIsNotAttachedIsTold(_ desc: String, _ expected: String) throws {
    let (client, _) = try client(hearing: [failure(desc)])
    let failed = failure { _ = try USBDevices(client, host: []).attach(try id("0951:1666"), process) }
    #expect(failed == ClientFailure(.no, "0951:1666: \(expected)"))
}

@Test func theListNamesTheHostsDevicesAndWhatIsWaitedFor() throws {
    let host = try USBHost()
    let peripherals = ["drive0", "host-0951-1666", "host-046d-c52b", "host-x"].map {
        #"{"name": "\#($0)", "type": "t"}"#
    }
    let (client, _) = try client(hearing: [
        "{\"return\": [\(peripherals.joined(separator: ", "))], \"id\": 1}", #"{"return": true, "id": 2}"#,
        #"{"return": false, "id": 3}"#,
    ])
    #expect(
        try USBDevices(client, host: host.devices).list() == """
            0951:1666  attached  Data[2JTraveler
            08e6:3437  -
            046d:c52b  waited for

            """)
    let (nobody, _) = try OperatorTests.client(hearing: [#"{"return": [], "id": 1}"#])
    #expect(try USBDevices(nobody, host: []).list() == "no USB devices\n")
}
