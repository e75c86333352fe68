import Machine
import Testing

@Suite struct ExtraArgumentsTests {
    static let passed = [
        "", "-usb -device usb-tablet", "-nodefaults -no-user-config", "--device {\"driver\":\"usb-tablet\"}",
        "-name hurd,debug-threads=on", "-rtc clock=vm", "-vga cirrus", "-watchdog-action reset", "-loadvm clean",
        "-chardev socket,id=c,path=/run/c.sock,server=on,wait=off", "-chardev file,id=c,path=/x", "-chardev null,id=c",
        "-chardev ringbuf,id=c -device isa-serial,chardev=c", "-parallel file:/x",
        "-debugcon unix:/x,server=on,wait=off",
        "-netdev user,id=n", "-netdev socket,id=n,connect=10.0.0.1:4444", "-nic none", "-net none",
        "-netdev stream,id=n,server=on,addr.type=unix,addr.path=/x", "-netdev stream,id=n,addr.type=inet,addr.host=h",
        "-netdev dgram,id=n,local.type=unix,local.path=/x",
        "-netdev user,id=n,guestfwd=tcp:10.0.2.9:80-tcp:10.1.1.1:80",
        "-object secret,id=s,file=/run/secrets/s", "-object memory-backend-ram,id=m,size=1G", "-object rng-random,id=r",
        "-drive if=floppy,format=raw,file=/x", "-blockdev {'driver':'null-co','node-name':'n'}",
        "-machine hpet=off,vmport=off", "-M usb=on", "-global PIIX4_PM.disable_s3=1", "-d guest_errors -D /x",
        "-future-option value -usb", "-future-flag -usb",
        // The value of an option is not an option.
        "-append -monitor -usb", "-name -s", "-iscsi password-secret=s,user=u",
    ]

    @Test(arguments: passed)
    func usefulArgumentsPass(line: String) throws {
        #expect(ExtraArguments.refusals(in: try ShellWords.split(line), source: "X") == [])
    }

    /// The options that a line is refused for.
    static let refused: [(line: String, options: [String])] = [
        ("-monitor stdio", ["-monitor"]), ("--monitor telnet:0.0.0.0:9999,server,nowait", ["-monitor"]),
        ("-qmp unix:/x", ["-qmp"]), ("-qmp-pretty stdio", ["-qmp-pretty"]), ("-mon chardev=c", ["-mon"]),
        ("-gdb tcp::1234", ["-gdb"]), ("-s -S", ["-s", "-S"]), ("-qtest stdio", ["-qtest"]),
        ("-vnc :0", ["-vnc"]), ("-display gtk", ["-display"]), ("-spice port=5930", ["-spice"]),
        ("-nographic", ["-nographic"]), ("-serial stdio", ["-serial"]), ("-incoming tcp:0:4444", ["-incoming"]),
        ("--preconfig", ["-preconfig"]), ("-no-shutdown -no-reboot", ["-no-shutdown", "-no-reboot"]),
        ("-action panic=none", ["-action"]), ("-daemonize", ["-daemonize"]), ("-runas x", ["-runas"]),
        ("-chroot /x", ["-chroot"]), ("-sandbox off", ["-sandbox"]), ("-pidfile /x", ["-pidfile"]),
        ("-run-with user=x", ["-run-with"]), ("-add-fd fd=3,set=2", ["-add-fd"]), ("-readconfig /x", ["-readconfig"]),
        ("-set device.x.y=1", ["-set"]), ("-m 4G -smp 2 -cpu max", ["-m", "-smp", "-cpu"]),
        ("-accel kvm -enable-kvm", ["-accel", "-enable-kvm"]), ("-boot d", ["-boot"]),
        ("-hda /a -hdb /b -hdc /c -hdd /d -cdrom /e", ["-hda", "-hdb", "-hdc", "-hdd", "-cdrom"]),
        ("-drive file=/x,format=raw -drive if=ide,file=/x", ["-drive", "-drive"]),
        ("-snapshot", ["-snapshot"]), ("-h", ["-h"]), ("-version", ["-version"]),
        ("-machine q35", ["-machine"]), ("-M hpet=off,accel=kvm", ["-M"]),
        ("-machine {\"type\":\"q35\"}", ["-machine"]),
        ("-chardev socket,id=c,host=0.0.0.0,port=1,server=on", ["-chardev"]),
        ("-chardev socket,id=c,fd=3", ["-chardev"]),
        ("-chardev backend=socket,id=c,port=1", ["-chardev"]), ("-chardev udp,id=c,port=1", ["-chardev"]),
        ("-parallel tcp::1,server", ["-parallel"]), ("-debugcon mon:stdio", ["-debugcon"]),
        ("-netdev user,id=n,hostfwd=tcp::23-:23", ["-netdev"]),
        ("-nic user -net nic,model=ne2k_pci", ["-nic", "-net"]),
        ("-netdev '{\"type\":\"user\",\"id\":\"n\",\"hostfwd\":[{\"str\":\"tcp::23-:23\"}]}'", ["-netdev"]),
        (
            #"-netdev '{"type":"user","id":"n","\u0068ostfwd":[]}' -netdev "{'type':'socket','listen':':1'}""#,
            ["-netdev"]
        ),
        ("-netdev socket,id=n,listen=:4444", ["-netdev"]), ("-net socket,mcast=230.0.0.1:1234", ["-net"]),
        ("-netdev stream,id=n,server=on,addr.type=inet,addr.host=0,addr.port=1", ["-netdev"]),
        ("-netdev {\"type\":\"stream\",\"server\":true,\"addr\":{\"type\":\"inet\"}}", ["-netdev"]),
        ("-netdev dgram,id=n,local.type=inet,local.host=0,local.port=1", ["-netdev"]),
        ("-netdev l2tpv3,id=n,src=a,dst=b,txsession=1", ["-netdev"]), ("-netdev tap,id=n,fd=3", ["-netdev"]),
        ("-netdev user,id=n,guestfwd=tcp:10.0.2.9:80-tcp::99,,server=on", ["-netdev"]),
        ("-object secret,id=s,data=hunter2", ["-object"]), ("-object qom-type=secret,id=s,data=hunter2", ["-object"]),
        ("-object '{\"qom-type\":\"secret\",\"id\":\"s\",\"data\":\"hunter2\"}'", ["-object"]),
        ("-object qtest,id=q,chardev=c", ["-object"]),
        ("-iscsi user=u,password=hunter2", ["-iscsi"]),
        ("-drive if=none,file.driver=iscsi,file.password=hunter2", ["-drive"]),
        ("/disk.img", ["/disk.img"]), ("-usb hunter2.img", ["hunter2.img"]), ("-name", ["-name"]),
        ("-usb -append", ["-append"]), ("-future-flag -monitor stdio", ["-monitor"]),
    ]

    @Test(arguments: refused)
    func othersAreRefused(line: String, options: [String]) throws {
        let faults = ExtraArguments.refusals(in: try ShellWords.split(line), source: "QEMU_EXTRA_ARGS")
        let told = faults.map { String($0.message.split(separator: "\"", maxSplits: 1)[0]) }
        #expect(told == options)
        for fault in faults {
            #expect(fault.source == "QEMU_EXTRA_ARGS" && fault.message.hasPrefix("\"") && fault.message.contains("; "))
            #expect(!fault.message.contains("hunter2\""), "\(fault.message)")
            #expect(!fault.message.contains("\n"))
        }
    }

    @Test func theMessageNamesTheRemedy() {
        let faults = ExtraArguments.refusals(
            in: ["-monitor", "stdio", "-netdev", "user,hostfwd=tcp::23-:23"], source: "drover run --")
        #expect(
            faults.map(\.description) == [
                #"drover run --: "-monitor" opens a monitor; use drover monitor"#,
                #"drover run --: "-netdev" with hostfwd= opens a port; set QEMU_PORTS"#,
            ])
    }
}
