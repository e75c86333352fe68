import Linux

// The clients of console.sock.
extension EventLoop {
    func acceptViewers() {
        accept(from: sockets.console) { descriptor, _ throws(Errno) in
            let (viewer, leaving) = console.attach()
            if let leaving {
                drop(
                    leaving, reason: "there are \(ConsoleHub.viewerLimit) viewers, and it has typed nothing for longest"
                )
            }
            do throws(Errno) {
                viewers[viewer] = try Connection(descriptor, .viewer(viewer), in: epoll)
            } catch {
                console.detach(viewer)
                throw error
            }
            return nil
        }
    }

    func viewerIsReady(_ viewer: ConsoleHub.ViewerID, _ ready: Epoll.Interest) {
        guard let connection = viewers[viewer] else { return }
        if ready.contains(.writable) { connection.canWrite() }
        if ready.contains(.readable) {
            switch read(connection.descriptor) {
            case .bytes(let bytes):
                console.typed(bytes, by: viewer)
                writeToGuest()
                return
            case .end:
                // It may go on watching.
                connection.isInputOver = true
                connection.wait(forInput: false)
            case .nothing:
                break
            }
        }
        if !ready.isDisjoint(with: .hungUp) { drop(viewer, reason: nil) }
    }

    func drop(_ viewer: ConsoleHub.ViewerID, reason: String?) {
        viewers[viewer] = nil
        console.detach(viewer)
        if let reason { log.write(.warning, "a viewer of the console was dropped: \(reason)") }
    }

    /// What was typed, as far as the guest takes it; the viewers are heard again when there is room.
    func writeToGuest() {
        guard let guest = qemu?.console else { return }
        console.writeInput { guest.write($0, from: $1) }
        guest.wait(forInput: true)
        for connection in viewers.values { connection.wait(forInput: console.takesInput) }
    }

    func writeToViewers() {
        for (viewer, connection) in viewers {
            console.writeOutput(for: viewer) { connection.write($0, from: $1) }
            connection.wait(forInput: console.takesInput)
        }
    }
}
