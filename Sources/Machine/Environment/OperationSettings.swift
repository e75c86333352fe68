import Basics
import Linux

extension Configuration {
    public enum GuestAgent: String, CaseIterable, Sendable { case auto, serial, off }
    public enum LogFormat: String, CaseIterable, Sendable { case text, json }
    public enum QMPPolicy: String, CaseIterable, Sendable {
        case readOnly = "read-only"
        case `operator`, full
    }

    /// What PID 1 does when the guest has powered itself off.
    public enum AfterPowerOff: String, CaseIterable, Sendable { case exit, wait }

    /// How PID 1 runs the guest: stopping, logs, clients, readiness.
    public struct OperationSettings: Equatable, Sendable {
        /// In seconds.
        public var shutdownTimeout = ShutdownBudget.standard
        public var afterPowerOff = AfterPowerOff.exit
        public var guestAgent = GuestAgent.auto
        public var consoleLog = true
        public var logFormat = LogFormat.text
        public var logLevel = LogLevel.info
        public var qmpPolicy = QMPPolicy.operator
        public var readyCheck = ReadyCheck.auto
        /// Nil: no metrics are served.
        public var metrics: ListenAddress?
        public var runtimeDirectory = "/run/drover"
        /// Where a bridge to browsers finds the screen and the console; nil: there is none.
        public var screenDirectoryPath: String?
        public var screenDirectory: RuntimeDirectory? {
            screenDirectoryPath.map { RuntimeDirectory($0, variable: "SCREEN_DIR") }
        }
        /// For messages.
        public var hostFolders = HostFolders()
    }
}
