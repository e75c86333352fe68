import Basics
import Operator

/// What restic gets of the environment: its own variables, and those of the libraries in it. Secrets come to it in files, which
/// are named there.
public struct ResticEnvironment: Sendable {
    /// `NAME=value` each, sorted.
    public let assignments: [String]

    private static let credentials = "put it into a file of credentials and name that in AWS_SHARED_CREDENTIALS_FILE"
    private static let onlyHere = "restic takes it from nowhere else, so use another kind of repository, such as S3"

    /// What restic would read there too, though every process of the container, and whoever inspects that, sees it.
    static let refused: [(name: String, remedy: String)] = [
        ("RESTIC_PASSWORD", "put it into a file and name that in RESTIC_PASSWORD_FILE"),
        ("RESTIC_PASSWORD_COMMAND", "put the password into a file and name that in RESTIC_PASSWORD_FILE"),
        (
            "RESTIC_REST_PASSWORD",
            "write it as rest:https://USER:PASSWORD@HOST/ into a file and name that in RESTIC_REPOSITORY_FILE"
        ),
        ("AWS_ACCESS_KEY_ID", credentials), ("AWS_SECRET_ACCESS_KEY", credentials), ("AWS_SESSION_TOKEN", credentials),
        ("AZURE_ACCOUNT_KEY", onlyHere), ("AZURE_ACCOUNT_SAS", onlyHere), ("B2_ACCOUNT_KEY", onlyHere),
        ("GOOGLE_ACCESS_TOKEN", onlyHere), ("OS_PASSWORD", onlyHere), ("OS_AUTH_TOKEN", onlyHere),
        ("OS_APPLICATION_CREDENTIAL_SECRET", onlyHere), ("ST_KEY", onlyHere),
    ]

    /// - Parameter canRead: whether there is such a file, and this uid may read it.
    public init(_ environment: [String: String], canRead: (String) -> Bool) throws(ClientFailure) {
        let set = environment.filter { !$0.value.isEmpty }
        for (name, remedy) in Self.refused where set[name] != nil {
            throw ClientFailure(.usage, "\(name): a secret does not belong in the environment; \(remedy)")
        }
        if let repository = set["RESTIC_REPOSITORY"] {
            guard set["RESTIC_REPOSITORY_FILE"] == nil else {
                throw ClientFailure(
                    .usage, "RESTIC_REPOSITORY and RESTIC_REPOSITORY_FILE name one each; unset one of them")
            }
            guard !Self.hasPassword(repository) else {
                throw ClientFailure(
                    .usage,
                    "RESTIC_REPOSITORY: has a password, which does not belong in the environment; put the address into a file "
                        + "and name that in RESTIC_REPOSITORY_FILE")
            }
        } else if set["RESTIC_REPOSITORY_FILE"] == nil {
            throw ClientFailure(
                .usage, "RESTIC_REPOSITORY_FILE is not set; it names a file with the repository's address")
        }
        guard set["RESTIC_PASSWORD_FILE"] != nil else {
            throw ClientFailure(
                .usage, "RESTIC_PASSWORD_FILE is not set; it names the file with the repository's password")
        }
        for name in ["RESTIC_REPOSITORY_FILE", "RESTIC_PASSWORD_FILE"] {
            guard let file = set[name], !canRead(file) else { continue }
            throw ClientFailure(
                .notPermitted,
                "\(name): \(quoted(file)) is not there, or cannot be read by this uid; mount it, and give it to the "
                    + "container's user")
        }
        // As a file of credentials that is not there is the usual case, restic says nothing of it.
        assignments = set.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// `rest:https://user:password@host/`.
    static func hasPassword(_ address: String) -> Bool {
        let bytes = Array(address.utf8)
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let user = bytes[..<at].lastIndex(of: UInt8(ascii: "/")).map { bytes[($0 + 1)..<at] } ?? bytes[..<at]
        return address.holds("://") && user.contains(UInt8(ascii: ":"))
    }
}
