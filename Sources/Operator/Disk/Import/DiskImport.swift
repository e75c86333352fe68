import Basics
import JSON
import Linux
import Machine

/// An image that becomes the machine's disk, if there is none yet: whole, or not at all.
public struct DiskImport {
    public enum Source: Equatable, Sendable {
        case file(String)
        /// A stream, which is kept beside the disk until it is whole.
        case input
        case url(ImageURL)
    }

    private let disk: Configuration.Disk
    private let qemuImg: QEMUImg
    /// How URLs are reached.
    private let wget: String?
    private let environment: [String: String]

    /// - Parameters:
    ///   - wget: its absolute path; nil: it is not there.
    ///   - environment: this process's.
    public init(_ disk: Configuration.Disk, _ qemuImg: QEMUImg, wget: String?, environment: [String: String]) {
        (self.disk, self.qemuImg) = (disk, qemuImg)
        (self.environment, self.wget) = (environment, wget)
    }

    /// - Parameters:
    ///   - format: of the source; nil: its header says.
    ///   - layout: of the disk, if it becomes a qcow2.
    ///   - digest: SHA-256 that the source must have.
    ///   - input: what `Source.input` is read from.
    /// - Returns: what has become of it.
    public func run(
        _ source: Source, _ format: ImageFormat?, _ layout: DiskCare.Layout, digest: String?, input: Descriptor,
        progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        let kind = (try? FileStatus(of: disk.path))?.kind
        guard !layout.isCompressed || disk.format != .raw && kind != .blockDevice else {
            throw ClientFailure(
                .usage, "--compress: \(quoted(disk.path)) is raw, of which nothing is compressed; leave it out")
        }
        switch kind {
        case .regular: return "\(quoted(disk.path)) is there already, and stays as it is"
        case .blockDevice: return try fillDevice(source, format, digest: digest, input: input, progress: progress)
        default: break
        }
        let request = DiskRequest(path: disk.path, variable: "QEMU_DRIVE")
        if let fault = request.missingDevice(ProcessIdentity.current().orchestrator) { throw ClientFailure(fault) }
        switch source {
        case .file(let path):
            if let digest {
                progress("reading \(path)")
                try Self.check(try Self.digest(of: path), digest)
            }
            return try make(from: path, format, .file, layout, isOneFile: digest != nil, progress)
        case .input:
            let path = disk.path + ".drover-incoming"
            defer { try? removeFile(path) }
            progress("reading standard input")
            let image = try IncomingImage(file: path, isKept: false)
            try Self.take(input, into: image)
            if let digest { try Self.check(image.digest, digest) }
            return try make(from: path, format, .stream, layout, progress)
        case .url(let url):
            return try fetch(url, format, layout, digest: digest ?? "", progress: progress)
        }
    }

    // MARK: A file

    /// What has come of an image stays until the rest of it has, which a later run may bring; its name says of which image.
    private func fetch(
        _ url: ImageURL, _ format: ImageFormat?, _ layout: DiskCare.Layout, digest: String, progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        let prefix = disk.path + ".drover-part-"
        let path = prefix + digest.prefix(16)
        removeParts(of: directoryName(disk.path), prefix, but: path)
        let image = try IncomingImage(file: path, isKept: true)
        do throws(ClientFailure) {
            // All of it may be there already.
            if image.digest != digest {
                try Fetch(download: try download(url)).run(into: image, progress: progress)
                try Self.check(image.digest, digest)
            }
        } catch {
            // What could not be had may come next time; what is wrong, or has no room, will not become right.
            if error.exit != .deadline { try? removeFile(path) }
            throw error
        }
        defer { try? removeFile(path) }
        return try make(from: path, format, .stream, layout, progress)
    }

    /// Of images that are not wanted any more.
    private func removeParts(of folder: String, _ prefix: String, but path: String) {
        for name in (try? fileNames(in: folder)) ?? [] {
            let other = "\(folder)/\(name)"
            if other.hasPrefix(prefix), other != path { try? removeFile(other) }
        }
    }

    private func download(_ url: ImageURL) throws(ClientFailure) -> Download {
        guard let wget else {
            throw ClientFailure(.absent, "wget is not there, which fetches images; install it, such as Debian's wget")
        }
        return Download(wget: wget, url: url, environment: environment)
    }

    private func make(
        from path: String, _ format: ImageFormat?, _ origin: ImportInspector.Origin, _ layout: DiskCare.Layout,
        isOneFile: Bool = false, _ progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        let source = try Self.inspect(path, format, origin)
        guard !isOneFile || source.files.count == 1 else {
            throw ClientFailure(
                .usage,
                "--sha256 is of one file, and \(quoted(path)) is \(source.files.count) of them: check them by sha256sum -c, and "
                    + "leave it out")
        }
        if let image = source as? ForeignImage { try check(image) }
        return try copy(source, layout, progress)
    }

    private static func inspect(
        _ path: String, _ format: ImageFormat?, _ origin: ImportInspector.Origin
    ) throws(ClientFailure) -> any DiskSource {
        do throws(Fault) {
            return try ImportInspector(path, format, origin).inspect()
        } catch {
            throw ClientFailure(error)
        }
    }

    /// That QEMU reads the disk that the header tells of.
    private func check(_ image: ForeignImage) throws(ClientFailure) {
        guard let expected = image.virtualSize else { return }
        let size = try qemuImg.info(of: image) { info throws(JSONMismatch) in try info.integer("virtual-size") as Int64
        }
        guard size != expected else { return }
        throw ClientFailure(
            .broken,
            "\(quoted(image.path)) has a disk of \(expected) bytes, and qemu-img reads \(size); make another image of it"
        )
    }

    private func copy(
        _ source: some DiskSource, _ layout: DiskCare.Layout, _ progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        try DiskCopy(source, qemuImg).make(disk.path, disk.format ?? .qcow2, layout, progress: progress)
    }

    // MARK: A block device

    /// A device has room for the image and nothing else: it comes as it is to be there.
    private func fillDevice(
        _ source: Source, _ format: ImageFormat?, digest: String?, input: Descriptor, progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        guard format == .raw, disk.format ?? .raw == .raw else {
            throw ClientFailure(
                .usage,
                "\(quoted(disk.path)) is a block device, which takes a raw image, byte by byte: make one (QEMU_DRIVE_FORMAT=raw "
                    + "QEMU_DRIVE=RAW drover import --from IMAGE), and add --format raw; QEMU_DRIVE_FORMAT is raw or unset"
            )
        }
        guard let device = try emptyDevice() else {
            return "\(quoted(disk.path)) holds something already, and stays as it is"
        }
        let image = try IncomingImage(device: device, path: disk.path)
        switch source {
        case .file(let path):
            try check(path, image)
            progress("reading \(path)")
            let file = try ClientFailure.of(path, "cannot be read") { () throws(Errno) in try Descriptor.open(path) }
            try Self.take(file, into: image)
        case .input:
            progress("reading standard input")
            try Self.take(input, into: image)
        case .url(let url):
            try Fetch(download: try download(url)).run(into: image, progress: progress)
        }
        guard image.count > 0 else { throw ClientFailure(.no, "\(DiskRequest.importOption): the image is empty") }
        if let digest { try Self.check(image.digest, digest) }
        try image.complete()
        return "\(quoted(disk.path)): raw, \(MiB(bytes: image.count)); its SHA-256 was \(image.digest)"
    }

    /// Before anything is written: that it is raw, as is said, and has room.
    private func check(_ path: String, _ image: IncomingImage) throws(ClientFailure) {
        if let disk = try Self.inspect(path, .raw, .file) as? DiskImage {
            try image.checkRoom(for: disk.top.virtualSize)
        }
    }

    /// - Returns: nil when its beginning is not empty.
    private func emptyDevice() throws(ClientFailure) -> Descriptor? {
        let device: Descriptor
        do throws(Errno) {
            device = try Descriptor.open(disk.path, [.readWrite, .exclusive])
        } catch .busy {
            throw ClientFailure(
                .no,
                "\(quoted(disk.path)) is mounted, or another program has it, or what is on it; free it, or name another"
            )
        } catch {
            throw ClientFailure(error, disk.path, "cannot be written to: \(error)")
        }
        guard (try? device.lockAsImage()) != nil else {
            throw ClientFailure(.no, "\(quoted(disk.path)) is in use: a guest that runs has it")
        }
        var head = [UInt8](repeating: 0, count: IncomingImage.headSize)
        try ClientFailure.of(disk.path, "cannot be read") { () throws(Errno) in
            var count = 0
            while count < head.count {
                let got = try device.read(into: &head, from: count)
                if got == 0 { break }
                count += got
            }
        }
        return head.allSatisfy { $0 == 0 } ? device : nil
    }

    // MARK: Bytes

    private static func digest(of path: String) throws(ClientFailure) -> String {
        try ClientFailure.of(path, "cannot be read") { () throws(Errno) in try Descriptor.open(path).sha256() }
    }

    private static func check(_ found: String, _ digest: String) throws(ClientFailure) {
        guard found != digest else { return }
        throw ClientFailure(
            .no,
            "--sha256: the image is not that one, but has \(found); fetch it again, or from where the digest is from")
    }

    private static func take(_ input: Descriptor, into image: IncomingImage) throws(ClientFailure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = try ClientFailure.of(image.path, "cannot take what comes") { () throws(Errno) in
                try input.read(into: buffer)
            }
            if got == 0 { return }
            try image.take(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
        }
    }
}
