import Foundation
import Machine
import TestSupport
import Testing

@testable import Seed

/// Whoever copies an example and forgets to change it is told so, instead of having a password that everybody knows.
@Suite struct ExampleSecretsTests {
    private static let folder = "\(repository)/secrets"

    private static let examples = [
        ("root_password", "ROOT_PASSWORD_FILE", "holds a well-known password"),
        ("agents_password", "AGENTS_PASSWORD_FILE", "holds a well-known password"),
        ("authorized_keys", "AUTHORIZED_KEYS_FILE", "line 2 has a key that is not base64"),
        ("vnc_password", "VNC_PASSWORD_FILE", "holds a well-known password"),
    ]

    @Test(arguments: examples)
    func anExampleIsRefusedAsItStands(_ name: String, _ variable: String, _ words: String) {
        let path = "\(Self.folder)/\(name).example"
        let parsed = Configuration.parse(["ENABLE_VNC": "1", variable: path])
        let faults = SeedInputs.read(parsed).finding.faults + VNCPassword.read(parsed).finding.faults
        #expect(faults.map(\.source) == [variable] && faults[0].message.hasPrefix("\"\(path)\" \(words)"), "\(faults)")
    }

    @Test func everyExampleIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".example") }
        #expect(Set(files) == Set(Self.examples.map { "\($0.0).example" }))
    }
}
