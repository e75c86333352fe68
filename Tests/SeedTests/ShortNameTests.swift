import Testing

@testable import Seed

@Suite struct ShortNameTests {
    @Test(arguments: [
        ("user-data", "USER_DAT.;1"), ("meta-data", "META_DAT.;1"), ("network-config", "NETWORK_.;1"),
        ("vendor-data", "VENDOR_D.;1"), ("shadow", "SHADOW.;1"), ("a.b", "A.B;1"), ("a.tar.gz", "A_TAR.GZ;1"),
        ("x.conf", "X.CON;1"), (".profile", "_PROFILE.;1"), ("end.", "END_.;1"), ("naïve é", "NA_VE__.;1"),
    ])
    func aFile(_ name: String, _ identifier: String) {
        #expect(ShortName(name, isDirectory: false).identifier(isDirectory: false) == Array(identifier.utf8))
    }

    @Test func aDirectoryHasNoSecondPart() {
        #expect(ShortName("drover.d", isDirectory: true).identifier(isDirectory: true) == Array("DROVER_D".utf8))
    }

    @Test func namesThatMeetAreNumbered() {
        let names = ShortName.unique([
            ("user-data", false), ("user-date", false), ("USER_DAT", true), ("user_da1", false),
            ("user-data.txt", false),
        ])
        #expect(
            names.map { String(decoding: $0.identifier(isDirectory: false), as: UTF8.self) } == [
                "USER_DAT.;1", "USER_DA1.;1", "USER_DA2.;1", "USER_DA3.;1", "USER_DAT.TXT;1",
            ])
    }

    @Test func twoHundredAndFiftySixOfOneKindAreDifferent() {
        let names = ShortName.unique((0..<256).map { ("the same start \($0)", false) })
        #expect(Set(names).count == 256)
        #expect(names.allSatisfy { $0.base.count <= 8 })
    }

    /// ECMA-119 §9.3: as if padded with spaces, first the name, then the extension.
    @Test func order() {
        let ordered = ["A", "A.B", "A.B1", "A.BC", "A1", "A1.A", "AA", "A_", "B"]
        let sorted = ordered.reversed().map { ShortName($0, isDirectory: false) }.sorted()
        #expect(sorted == ordered.map { ShortName($0, isDirectory: false) })
    }
}
