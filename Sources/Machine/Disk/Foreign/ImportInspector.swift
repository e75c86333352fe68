import Basics
import Linux

/// Looks at an image that is to become a disk: what it is, that it is whole, and that it leads to nothing else than files
/// beside it.
public struct ImportInspector {
    /// What the image came by.
    public enum Origin: Sendable {
        case file
        /// Nothing lies beside it but what is others'.
        case stream
    }

    private let request: DiskRequest
    private let format: ImageFormat?
    private let origin: Origin

    /// - Parameter format: that it is declared to have; nil: its header says.
    public init(_ path: String, _ format: ImageFormat?, _ origin: Origin) {
        request = DiskRequest(
            path: path, format: format?.diskFormat, readOnly: true, variable: DiskRequest.importOption)
        (self.format, self.origin) = (format, origin)
    }

    /// - Throws: the first reason why it becomes none.
    public func inspect() throws(Fault) -> any DiskSource {
        if request.format == nil, (try? FileStatus(of: request.path))?.kind == .blockDevice {
            throw request.fault(
                .configuration,
                "is a block device, on which nothing is guessed; say what it holds: --format raw, or qcow2; an image of another "
                    + "format has to be a file")
        }
        guard let found = try? FoundFile(request.path), let window = try? ImageWindow.open(found),
            found.status.kind == .regular
        else { return try inspectAsDisk(request) }
        let header: DiskHeader
        do throws(DiskHeader.Problem) {
            header = try DiskHeader.read(window)
        } catch {
            if let format, format != .qcow2 { throw contradiction(format, "qcow2") }
            throw request.fault(error.kind, error.text(request.path))
        }
        let detected: ImageFormat? =
            switch header {
            case .qcow2: .qcow2
            case .foreign(let name): ImageFormat.allCases.first { $0.noun == name }
            case .none: nil
            }
        if let format, let detected, format != detected { throw contradiction(format, detected.noun) }
        if let detected, detected != .qcow2 { return try inspect(found, window, detected) }
        if let format, format.diskFormat == nil {
            throw request.fault(
                .configuration, "is declared \(format.rawValue), and has no \(format.noun) header; declare what it is")
        }
        return try inspectAsDisk(request)
    }

    private func contradiction(_ format: ImageFormat, _ name: String) -> Fault {
        request.fault(
            .configuration,
            "is declared \(format.rawValue), and its header says \(name); leave --format out, or name the right file")
    }

    private func inspectAsDisk(_ request: DiskRequest) throws(Fault) -> any DiskSource {
        let inspection = DiskInspector().inspect(request)
        if let fault = inspection.faults.first { throw fault }
        guard let image = inspection.image else { throw request.fault(.unavailable, "is no image") }
        if origin == .stream, image.files.count > 1 { throw incomplete("another file") }
        return image
    }

    private func incomplete(_ what: String) -> Fault {
        request.fault(
            .configuration,
            "names \(what), which a stream does not bring; put the files into one folder, and name the image in it: "
                + "--from FILE")
    }

    // MARK: Of other programs

    private func inspect(
        _ found: FoundFile, _ window: ImageWindow, _ format: ImageFormat
    ) throws(Fault) -> any DiskSource {
        let header: ForeignHeader
        do throws(DiskHeader.Problem) {
            header = try ForeignHeader(format, window)
        } catch {
            throw request.fault(error.kind, error.text(request.path, format))
        }
        if origin == .stream, !header.extents.isEmpty { throw incomplete("the files that hold its data") }
        var extents: [ForeignImage.Extent] = []
        for extent in header.extents { extents.append(try find(extent)) }
        return ForeignImage(
            variable: request.variable, format: format, virtualSize: format == .vpc ? nil : header.virtualSize,
            file: DiskFile(request.path, found), extents: extents)
    }

    private func find(_ extent: VMDKExtent) throws(Fault) -> ForeignImage.Extent {
        func refusal(_ reason: String, _ kind: Fault.Kind = .configuration) -> Fault {
            request.fault(kind, "has an extent \(quoted(extent.name, limit: 200)) that \(reason)")
        }
        let remedy = "put it beside the image, and write its name alone into the image's descriptor"
        guard !extent.name.isEmpty, ![".", ".."].contains(extent.name),
            !extent.name.utf8.contains(where: { $0 < 0x20 || "/\\".utf8.contains($0) })
        else { throw refusal("is not the plain name of a file beside it; \(remedy)") }
        let folder = directoryName(request.path)
        let path = folder == "/" ? "/" + extent.name : folder + "/" + extent.name
        let found: FoundFile
        let window: ImageWindow
        do throws(Errno) {
            found = try FoundFile(path)
            guard found.status.kind == .regular else { throw .invalidArgument }
            window = try .open(found)
        } catch {
            if error == .noSuchFile {
                throw refusal("is not there; copy all files of the image into one folder", .unavailable)
            }
            if error == .invalidArgument { throw refusal("is no regular file; \(remedy)") }
            throw refusal("cannot be read: \(error); see to its permissions", Fault.Kind(error))
        }
        if let objection = BackingRule(imageAt: request.path, allowed: []).objection(to: found, by: extent.name) {
            throw refusal("\(objection); \(remedy)")
        }
        do throws(DiskHeader.Problem) {
            try check(extent, window)
        } catch {
            throw refusal(error.text(path, .vmdk), error.kind)
        }
        return ForeignImage.Extent(
            file: DiskFile(extent.name, found), kind: extent.kind, sectors: extent.sectors)
    }

    private func check(_ extent: VMDKExtent, _ window: ImageWindow) throws(DiskHeader.Problem) {
        switch extent.kind {
        case .flat(let offset):
            guard (offset + extent.sectors) * 512 <= UInt64(window.size) else {
                throw .truncated("\(extent.sectors) sectors at \(offset)")
            }
        case .sparse:
            let header = try VMDKSparseHeader(window)
            guard header.capacity == extent.sectors else {
                throw .corrupt("\(header.capacity) sectors in place of \(extent.sectors)")
            }
            try header.checkTables(window)
        }
    }
}
