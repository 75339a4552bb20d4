"""Networks that lose packets and fall apart, for agents of the e2e tests.

Two kinds, and whoever uses them says which it was:

* Namespaces: each agent has a network namespace and an address of its own, a bridge joins them, nftables drops whole
  packets, UDP and TCP alike. Needs Linux with nft, and root or unprivileged user namespaces. Nothing of it is visible
  outside, and it goes away with the script.
* Proxy: agents on loopback advertise a port of the proxy, which forwards or drops datagrams. Works everywhere. TCP is
  passed through without loss; a cut closes connections across it and refuses new ones.

Loopback is neither: for tests that need no loss.
"""
import asyncio
import ctypes
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import threading

from agents import LIBC, die_with_parent, free_port

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


class Loopback:
    kind = "loopback"
    can_lose = False

    def add(self, _name):
        pass

    def bind_words(self, name):
        return ["--bind", self.address(name)]

    def __init__(self):
        self.ports = {}

    def address(self, name):
        return f"127.0.0.1:{self.ports.setdefault(name, free_port())}"

    def enter(self, _name):
        return None

    def close(self):
        pass


class Refused(Exception):
    """This machine does not allow that kind of network; the text says what was missing."""


def call_libc(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise Refused(f"{name}: {os.strerror(code)}")


def own_namespace():
    """Moves this process, which must have no second thread yet, into an empty network namespace."""
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        return call_libc("unshare", CLONE_NEWNET)
    call_libc("unshare", CLONE_NEWUSER | CLONE_NEWNET)
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{file}", "w", encoding="ascii") as out:
            out.write(text)
    return None


class Namespaces:
    kind = "namespaces and nftables"
    can_lose = True
    PORT = 7947

    def __init__(self):
        """Requires: no other thread yet. Afterwards this process is in an empty network namespace, for good."""
        self.handles = {}  # name: an open file that keeps its namespace
        self.numbers = {}
        for tool in ("ip", "nft"):
            if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
                raise Refused(f"{tool} is not installed")
        try:
            own_namespace()
            self.home = open("/proc/self/ns/net", "rb")  # pylint: disable=consider-using-with
            self._run(None, "ip", "link", "add", "hub", "type", "bridge")
            self._run(None, "ip", "link", "set", "hub", "up")
        except OSError as error:
            raise Refused(str(error)) from error

    def _run(self, name, *words, text=None):
        environment = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=20, env=environment,
                              preexec_fn=self.enter(name), check=False)
        if done.returncode != 0:
            raise Refused(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def _nft(self, name, script):
        return self._run(name, "nft", "-f", "-", text=script + "\n")

    def enter(self, name):
        """A preexec_fn that puts a child into an agent's namespace."""
        if name is None:
            return die_with_parent
        handle = self.handles[name].fileno()

        def inside():
            die_with_parent()
            if LIBC.setns(handle, CLONE_NEWNET) != 0:
                os._exit(126)
        return inside

    def add(self, name):
        if name in self.handles:
            return
        number = len(self.handles) + 1
        call_libc("unshare", CLONE_NEWNET)
        self.handles[name] = open("/proc/self/ns/net", "rb")  # pylint: disable=consider-using-with
        call_libc("setns", self.home.fileno(), CLONE_NEWNET)
        self.numbers[name] = number
        # A /8 with an address from another /16 each: members look as if they were in different networks.
        self._run(name, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", f"port{number}",
                  "netns", str(os.getpid()))
        self._run(name, "ip", "addr", "add", f"{self.host(name)}/8", "dev", "eth0")
        for link in ("eth0", "lo"):
            self._run(name, "ip", "link", "set", link, "up")
        self._run(None, "ip", "link", "set", f"port{number}", "master", "hub", "up")
        self._nft(name, "add table inet loss\nadd counter inet loss arrived\nadd counter inet loss lost\n"
                        "add chain inet loss in { type filter hook input priority 0 ; }")

    def host(self, name):
        return f"10.{self.numbers[name]}.0.1"

    def address(self, name):
        self.add(name)
        return f"{self.host(name)}:{self.PORT}"

    def bind_words(self, name):
        return ["--bind", self.address(name)]

    def lose(self, percent, names):
        draw = f"numgen random mod 100 < {percent}" if percent < 100 else ""
        for name in names:
            rules = ["flush chain inet loss in", "reset counters table inet loss"]
            if percent:
                rules += ["add rule inet loss in meta l4proto udp counter name arrived",
                          f"add rule inet loss in meta l4proto udp {draw} counter name lost drop",
                          f"add rule inet loss in meta l4proto != udp {draw} drop"]
            self._nft(name, "\n".join(rules))

    def cut(self, *sides):
        """Members of different sides no longer reach each other."""
        for side in sides:
            others = ", ".join(self.host(o) for other in sides if other is not side for o in other)
            for name in side:
                self._nft(name, f"add rule inet loss in ip saddr {{ {others} }} drop")

    def heal(self, names):
        self.lose(0, names)

    def counts(self):
        """Datagrams that arrived, and how many of them were dropped, since `lose`."""
        seen = lost = 0
        for name in self.handles:
            for item in json.loads(self._run(name, "nft", "-j", "list", "counters"))["nftables"]:
                counter = item.get("counter", {})
                seen += counter.get("packets", 0) if counter.get("name") == "arrived" else 0
                lost += counter.get("packets", 0) if counter.get("name") == "lost" else 0
        return seen, lost

    def close(self):
        for handle in self.handles.values():
            handle.close()  # the namespaces, their links and rules go with it
        self.handles.clear()


class Door(asyncio.DatagramProtocol):
    """The proxy's UDP port of one agent: what arrives is for that agent, what leaves comes from another one."""

    def __init__(self, proxy, name):
        self.proxy, self.name, self.transport = proxy, name, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        sender = self.proxy.inner_names.get(addr)
        if sender and self.proxy.passes(sender, self.name):
            # From the sender's own door: the receiver sees the address that the sender advertises.
            self.proxy.doors[sender].transport.sendto(data, ("127.0.0.1", self.proxy.inner[self.name]))


class Proxy:
    kind = "UDP proxy"
    can_lose = True

    def __init__(self, seed=None):
        self.inner, self.outer, self.inner_names, self.doors = {}, {}, {}, {}
        self.percent, self.sides, self.seen, self.lost = 0, (), 0, 0
        self.pids = dict  # set by the user: gives {name: pid}, to tell whose a TCP connection is
        self.links = set()  # (from, to, writers): TCP connections that are passed through
        self.draw = random.Random(seed)
        self.servers = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def add(self, name):
        if name not in self.inner:
            self.inner[name], self.outer[name] = free_port(), free_port()
            self.inner_names["127.0.0.1", self.inner[name]] = name
            self._call(self._open(name))

    async def _open(self, name):
        at = ("127.0.0.1", self.outer[name])
        _, self.doors[name] = await self.loop.create_datagram_endpoint(lambda: Door(self, name), local_addr=at)
        self.servers.append(await asyncio.start_server(lambda r, w: self._pass_stream(name, r, w), *at))

    def enter(self, _name):
        return None

    def address(self, name):
        self.add(name)
        return f"127.0.0.1:{self.outer[name]}"

    def bind_words(self, name):
        self.add(name)
        return ["--bind", f"127.0.0.1:{self.inner[name]}", "--advertise", self.address(name)]

    def joined(self, one, other):
        return not self.sides or any(one in side and other in side for side in self.sides)

    def passes(self, sender, receiver):
        if not self.joined(sender, receiver):
            return False
        self.seen += 1
        dropped = self.draw.randrange(100) < self.percent
        self.lost += dropped
        return not dropped

    async def _pass_stream(self, name, reader, writer):
        dialler = owner_of(writer.get_extra_info("peername")[1], self.pids())
        if dialler is None or not self.joined(dialler, name):
            return writer.close()
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.inner[name])
        except OSError:
            return writer.close()
        link = (dialler, name, (writer, there_writer))
        self.links.add(link)
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer))
        self.links.discard(link)
        there_writer.close()
        return writer.close()

    def lose(self, percent, _names):
        self.percent, self.seen, self.lost = percent, 0, 0

    async def _cut(self, sides):
        self.sides = sides
        for one, other, writers in list(self.links):
            if not self.joined(one, other):
                for writer in writers:
                    writer.transport.abort()

    def cut(self, *sides):
        self._call(self._cut(sides))

    def heal(self, _names):
        self.sides, self.percent = (), 0

    def counts(self):
        return self.seen, self.lost

    async def _close(self):
        for each in (*self.servers, *(door.transport for door in self.doors.values())):
            each.close()
        for _, _, writers in list(self.links):
            for writer in writers:
                writer.transport.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}  # each sees its streams end
        if rest:
            await asyncio.wait(rest, timeout=2)

    def close(self):
        self._call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.transport.abort()


def owner_of(port, pids):
    """Which of these processes holds the loopback TCP connection with this local port."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        inodes = {words[9] for words in map(str.split, table) if words[1] == f"0100007F:{port:04X}"}
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for name, pid in pids.items():
        for link in glob.glob(f"/proc/{pid}/fd/*"):
            try:
                if os.readlink(link) in wanted:
                    return name
            except OSError:
                pass  # closed meanwhile
    return None


def try_namespaces():
    """In a process of its own, since half a success could not be taken back. Exits with 0, or says what is missing."""
    try:
        network = Namespaces()
        network.lose(1, [network.add("probe") or "probe"])
        network.cut(["probe"], [network.add("other") or "other"])
    except Refused as why:
        sys.exit(str(why))


def choose(kind, needs_loss):
    """The network to use: `kind` is auto, namespaces, proxy or loopback. Returns it and why it is not a better one."""
    why = ""
    if kind in ("auto", "namespaces"):
        tried = subprocess.run([sys.executable, os.path.abspath(__file__)], capture_output=True, text=True, timeout=60,
                               check=False)
        if tried.returncode == 0:
            return Namespaces(), why
        why = (tried.stderr.strip().splitlines() or ["no reason given"])[0]
        if kind == "namespaces":
            raise Refused(why)
        why = f" (no namespaces here: {why})"
    return (Proxy() if kind == "proxy" or kind == "auto" and needs_loss else Loopback()), why


if __name__ == "__main__":
    try_namespaces()
