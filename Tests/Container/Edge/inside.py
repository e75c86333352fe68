"""What a process can find in its container: every socket and every file that is none of a package's; interfaces; and what
becomes of those who try what is not theirs."""

import os
import socket
import stat

for name in ("/run/drover/qmp.sock", "/screen/drover/qmp.sock", "/opt/hurd-image/micro.qcow2", "/run/secrets/root_password"):
    try:
        if name.endswith(".sock"):
            socket.socket(socket.AF_UNIX).connect(name)
        else:
            open(name).close()
        print("reached", name)
    except OSError:
        pass
for folder, folders, files in os.walk("/"):
    folders[:] = [each for each in folders if folder != "/" or each not in ("proc", "sys", "dev", "usr", "var")]
    for each in files:
        path = os.path.join(folder, each)
        mode = os.lstat(path).st_mode
        if stat.S_ISSOCK(mode):
            client = socket.socket(socket.AF_UNIX)
            try:
                client.connect(path)
                print("socket", path)
            except OSError as error:
                print("dead", path, error.strerror)
        elif path.startswith(("/run/", "/opt/", "/screen/", "/bridge/")):
            print("file", path)
for folder in ("/", "/etc", "/usr", "/screen", "/screen/drover", "/bridge", "/run/secrets"):
    try:
        open(os.path.join(folder, "x"), "w").close()
        os.remove(os.path.join(folder, "x"))
        print("writable", folder)
    except OSError:
        pass
with open("/proc/net/dev") as lines:
    print("interfaces", *sorted(line.split(":")[0].strip() for line in lines if ":" in line))
