import Linux
import TestSupport

/// moto's server, which speaks S3's API, with one bucket.
final class S3Server {
    private let process: ChildProcess
    let port: UInt16
    /// As a container reaches it.
    let address: String
    static let keyID = "AKIDOFATEST00"
    static let key = "aVerySecretAccessKeyOfATest"

    /// The file of the AWS command line.
    static let credentials = "[default]\naws_access_key_id = \(keyID)\naws_secret_access_key = \(key)\n"

    init(bucket: String) throws {
        port = try Listener.freePort()
        let null = try Descriptor.open("/dev/null", .readWrite)
        process = try ChildProcess(
            try prepared("DROVER_MOTO"), ["-H", "0.0.0.0", "-p", "\(port)"], descriptors: [null, null, null])
        let gateway = try Engine.docker("network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}'")
        address = "s3:http://\(gateway.trimmingNewline()):\(port)/\(bucket)"
        try shell(
            "curl --silent --show-error --fail --retry 60 --retry-delay 1 --retry-connrefused -X PUT http://127.0.0.1:\(port)/\(bucket)",
            within: 90)
    }
}
