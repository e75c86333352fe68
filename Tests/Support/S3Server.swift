import Linux

/// moto's server, which speaks S3's API, with one bucket.
package final class S3Server {
    private let process: ChildProcess
    package let port: UInt16
    /// As a container reaches it.
    package let address: String
    package static let keyID = "AKIDOFATEST00"
    package static let key = "aVerySecretAccessKeyOfATest"

    /// The file of the AWS command line.
    package static let credentials = "[default]\naws_access_key_id = \(keyID)\naws_secret_access_key = \(key)\n"

    /// - Parameter host: this machine's address, as who uses it sees that.
    package init(bucket: String, host: String) throws {
        port = try Listener.freePort()
        let null = try Descriptor.open("/dev/null", .readWrite)
        process = try ChildProcess(
            try prepared("DROVER_MOTO"), ["-H", "0.0.0.0", "-p", "\(port)"], descriptors: [null, null, null])
        address = "s3:http://\(host):\(port)/\(bucket)"
        try shell(
            "curl --silent --show-error --fail --retry 60 --retry-delay 1 --retry-connrefused -X PUT http://127.0.0.1:\(port)/\(bucket)",
            within: 90)
    }
}
