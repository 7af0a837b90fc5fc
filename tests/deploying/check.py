"""`./dev deploy-check`: follows docs/operations.md word by word in an empty Debian 12.

The blocks of commands up to the last one marked `sh root` are run in their order, in a root folder
of its own. systemd's `systemctl` starts nothing there. So what the units say is run by this: as
their account, in their folder, with the settings of their file and nothing else. `./dev` starts it
with mounts and process numbers of its own, which end with it.
"""

import argparse
import ctypes
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from tests.deploying.units import ROOT, UNITS, Unit, list_units, read_environment

RELEASE = "bookworm"
SETTINGS = "etc/stem-observatory.env"
# What every installed Debian has, and debootstrap leaves out.
USUAL = "systemd,ca-certificates,curl"
# How this machine reaches the registries of packages; it is lent, and noted nowhere.
LENT = (
    "/etc/resolv.conf", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/apt/apt.conf.d"
)  # fmt: skip
OF_REGISTRIES = re.compile(r"pip_|https?_proxy$|no_proxy$", re.IGNORECASE)
MIRROR = re.compile(r"^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+/debian)/?(?:\s|$)", re.MULTILINE)
BLOCK = re.compile(r"^```(sh|sh root)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWERS = {
    "Username": "curator",
    "Email address": "",
    "Password:": "seventeen red hens",
    "Password (again):": "seventeen red hens",
}
PATIENCE = 120  # seconds until a server answers
NEW_NETWORK = 0x40000000  # Linux's number for a network of one's own
SET_FLAGS, UP = 0x8914, 1  # Linux's numbers for “switch this interface on”
ASK = (
    "curl --silent --cacert /etc/ssl/stem/chain.pem --output /dev/null "
    "--resolve stem.example:80:127.0.0.1 --resolve stem.example:443:127.0.0.1"
)


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def refuse(reason: str) -> None:
    sys.exit(f"./dev deploy-check: {reason}")


def read_blocks() -> list[str]:
    """Return the blocks of commands of docs/operations.md up to the last one for root."""
    found = BLOCK.findall((ROOT / "docs/operations.md").read_text())
    last = max(number for number, (kind, _text) in enumerate(found) if kind == "sh root")
    return [text for _kind, text in found[: last + 1]]


# --- An empty Debian ------------------------------------------------------------------------------


def make_machine(folder: Path) -> Path:
    """Return the root folder of an empty Debian with a copy of the project."""
    root, packed = folder / "root", folder / f"{RELEASE}.tar"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    if packed.exists():
        subprocess.run(["tar", "-C", root, "-xf", packed], check=True)
    else:
        tell("Making an empty Debian (once) …")
        make = ["debootstrap", "--variant=minbase", f"--include={USUAL}", RELEASE, root]
        subprocess.run([*make, find_mirror()], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "-C", root, "-cf", f"{packed}.new", "."], check=True)
        Path(f"{packed}.new").rename(packed)
    for file in (*LENT, str(Path.home() / ".config/pip/pip.conf")):
        lend(Path(file), root)
    copy_project(root / "srv/stem")
    for kind, where in (("proc", "proc"), ("tmpfs", "run")):
        subprocess.run(["mount", "-t", kind, kind, root / where], check=True)
    subprocess.run(["mount", "--rbind", "/dev", root / "dev"], check=True)
    return root


def find_mirror() -> str:
    """Return the address of Debian's packages that this machine uses."""
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for file in files:
        if file.exists() and (found := MIRROR.search(file.read_text())):
            return found[1]
    raise SystemExit("./dev deploy-check: it is not known where Debian's packages are")


def lend(file: Path, root: Path) -> None:
    target = root / file.relative_to("/")
    if file.is_dir():
        shutil.copytree(file, target, dirs_exist_ok=True)
    elif file.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy(file, target)


def copy_project(target: Path) -> None:
    """Copy what git has, with what was changed since."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def leave_network() -> None:
    """Go on in a network of our own, in which every port is free and no registry is reached."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "No network of our own can be made")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))


# --- Running --------------------------------------------------------------------------------------


class Machine:
    """The Debian in a folder, with the servers that were started in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.site: subprocess.Popen[bytes] | None = None
        self.log = root / "var/log/stem-site.log"

    def run_as_root(self, commands: str) -> None:
        """Run a block of commands at a terminal, and answer what they ask."""
        terminal, other_end = pty.openpty()
        own = {key: value for key, value in os.environ.items() if OF_REGISTRIES.match(key)}
        own |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb"}
        process = subprocess.Popen(
            ["chroot", self.root, "sh", "-euc", commands],
            stdin=other_end, stdout=other_end, stderr=other_end, env=own, start_new_session=True,
        )  # fmt: skip
        os.close(other_end)
        said, answers = "", dict(ANSWERS)
        while process.poll() is None or select.select([terminal], [], [], 0)[0]:
            with suppress(OSError):  # the other end was closed
                if select.select([terminal], [], [], 1)[0]:
                    piece = os.read(terminal, 10_000)
                    if not piece:
                        break
                    said += piece.decode(errors="replace")
                    for question in [one for one in answers if one in said]:
                        os.write(terminal, f"{answers.pop(question)}\n".encode())
                    continue
            if process.poll() is not None:
                break
        os.close(terminal)
        tell(re.sub(r"(?m)^", "    ", "\n".join(said.splitlines()[-12:])))
        if process.wait():
            refuse(f"a block of commands failed:\n{commands}")

    def command_of(self, unit: Unit, command: list[str], **more: str) -> list[str]:
        """Return how systemd would run a command of a unit, as far as this machine can tell."""
        user, folder, file = (
            unit.get("Service", name) for name in ("User", "WorkingDirectory", "EnvironmentFile")
        )
        settings = {**read_environment((self.root / file[1:]).read_text()), **more}
        pairs = [f"{name}={value}" for name, value in settings.items()]
        account = ["chroot", f"--userspec={user}:{user}", str(self.root)]
        return [*account, "env", "-i", f"--chdir={folder}", *pairs, *command]

    def run_unit(self, name: str, instance: str = "") -> str:
        """Run what a service runs, one after another; return what it says.

        The check of links gets no time, because it would ask half of the world.
        """
        unit, said = Unit(UNITS / name), ""
        for command in unit.commands:
            given = [word.replace("%i", instance).replace("20m", "0s") for word in command]
            tell(f"  {shlex.join(given)}")
            finished = subprocess.run(
                self.command_of(unit, given),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )  # fmt: skip
            said += finished.stdout
            tell(re.sub(r"(?m)^", "    ", finished.stdout.strip()))
            if finished.returncode:
                refuse(f"{name} failed")
        return said

    def restart_site(self) -> None:
        """Start the site by its unit, and wait until it says that it is ready, as systemd does."""
        self.stop_site()
        unit, place = Unit(UNITS / "stem-site.service"), self.root / "run/notify"
        place.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, self.log.open("ab") as log:
            told.bind(str(place))
            place.chmod(0o777)
            told.settimeout(PATIENCE)
            (command,) = unit.commands
            tell(f"  {shlex.join(command)}")
            given = self.command_of(unit, command, NOTIFY_SOCKET="/run/notify")
            self.site = subprocess.Popen(given, stdout=log, stderr=log)
            try:
                while b"READY=1" not in told.recv(1_000):
                    pass
            except TimeoutError:
                refuse(f"the site does not say that it is ready:\n{self.log.read_text()}")

    def stop_site(self) -> None:
        if self.site:
            self.site.terminate()
            self.site.wait()

    def ask(self, address: str, *options: str) -> str:
        """Return the status of an answer."""
        told = ["--write-out", "%{http_code}", *options, address]
        asked = subprocess.run(
            ["chroot", self.root, *ASK.split(), *told], capture_output=True, text=True, check=False
        )
        return asked.stdout.strip()

    def expect(self, status: str, address: str, *options: str) -> None:
        """Ask until the answer has a status."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.ask(address, *options)) != status:
            if time.monotonic() > deadline:
                refuse(f"{address} answers {found}, not {status}:\n{self.log.read_text()[-4000:]}")
            time.sleep(1)
        tell(f"  {address} answers {status}")


class Postman(Thread):
    """Takes one mail at the port that the settings name, and keeps what it says."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 25))
        self.mail = ""

    def run(self) -> None:
        client, _address = self.listener.accept()
        with client, client.makefile("rw", newline="\r\n") as talk:

            def say(words: str) -> None:
                talk.write(f"{words}\n")
                talk.flush()

            say("220 here")
            for line in iter(talk.readline, ""):
                if line.upper().startswith("DATA"):
                    say("354 go on")
                    self.mail = "".join(iter(talk.readline, ".\r\n"))
                say("221 bye" if line.upper().startswith("QUIT") else "250 ok")


# --- The whole ------------------------------------------------------------------------------------


def follow_documentation(machine: Machine) -> None:
    for number, block in enumerate(read_blocks(), start=1):
        tell(f"Block {number}:\n  {block.strip()}".replace("\n", "\n  "))
        machine.run_as_root(block)
        if "pip install" in block:
            leave_network()
        if "stem-site.service" in block:
            machine.restart_site()
        if "reload nginx" in block:
            machine.run_as_root("nginx")
            look_at_site(machine)


def look_at_site(machine: Machine) -> None:
    tell("The site over TLS:")
    machine.expect("200", "https://stem.example/health/ready")
    machine.expect("200", "https://stem.example/")
    machine.expect("200", "https://stem.example/api/v1/programmes/")
    machine.expect("301", "http://stem.example/")
    for path in ("metrics", "METRICS", "/metrics"):
        machine.expect("404", f"https://stem.example/{path}")
    machine.expect("200", "http://127.0.0.1:8000/metrics")


def look_at_units(machine: Machine) -> None:
    tell("What the units run:")
    for unit in list_units("*.timer"):
        machine.run_unit(f"{unit.file.stem}.service")
    postman = Postman()
    postman.start()
    machine.run_unit("stem-failed@.service", "stem-dump.service")
    if "Subject: " not in postman.mail or "stem-dump.service" not in postman.mail:
        refuse(f"no mail came of a failure: {postman.mail!r}")
    tell("What systemd says of the units:")
    names = [name for name in os.listdir(UNITS) if name.endswith((".service", ".timer"))]
    files = " ".join(f"/etc/systemd/system/{name}" for name in sorted(names))
    machine.run_as_root(f"systemd-analyze verify --man=no {files} && echo No complaint.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the Debian is kept")
    machine = Machine(make_machine(parser.parse_args().folder.resolve()))
    try:
        follow_documentation(machine)
        look_at_units(machine)
        look_at_site(machine)
    finally:
        machine.stop_site()
    tell("The documentation leads to a site over TLS and to a backup that can be restored.")


if __name__ == "__main__":
    main()
