"""What the e2e tests and the demo share: authorities, nodes and agents as real processes in a temporary directory."""
import atexit
import ctypes
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)  # here, not after a fork: the loader's locks may be held then
PR_SET_PDEATHSIG = 1


def free_port(host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
            tcp.bind((host, 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind((host, port))
                return port
            except OSError:
                continue


def end_well_on_signals():
    """SIGTERM and SIGHUP end the script as Ctrl-C does: what `atexit` knows of is closed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))


def die_with_parent():
    """For preexec_fn: however the script ends, SIGKILL included, no agent outlives it."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class AdminConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=5):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)  # before connecting, so that close() closes it
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Place:
    """A temporary directory, its authorities and agents; `close` leaves nothing behind."""

    def __init__(self, program, host="127.0.0.1", prefix="quorumor-e2e-"):
        self.program = program
        self.host = host
        self.root = tempfile.mkdtemp(prefix=prefix)
        self.agents = {}
        self.ports = {}
        atexit.register(self.close)

    def close(self):
        atexit.unregister(self.close)
        for process in self.agents.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.root, name)

    def call(self, *words):
        return subprocess.run([self.program, *words], capture_output=True, text=True, timeout=60)

    def run(self, *words):
        done = self.call(*words)
        assert done.returncode == 0, f"{words}: exit {done.returncode}: {done.stderr}"
        return done.stdout

    def authority(self, name="authority", label="e2e", source=None):
        words = ["authority", "init", "--label", label, "--out", self.path(name)]
        self.run(*(words + (["--from", self.path(source)] if source else [])))

    def node(self, name, authority="authority", roles=(), not_after=None):
        self.run("node", "init", "--dir", self.path(name))
        words = ["authority", "admit", "--authority", self.path(authority), "--name", name, "--dir", self.path(name)]
        for role in roles:
            words += ["--role", role]
        if not_after is not None:
            words += ["--not-after", str(not_after)]
        self.run(*words)

    def address(self, name):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.ports[name]}"

    def bind_words(self, name):
        self.ports.setdefault(name, free_port(self.host))
        return ["--bind", self.address(name)]

    def agent_words(self, name, join=(), bootstrap=False, more=()):
        words = [self.program, "agent", "--dir", self.path(name), *self.bind_words(name), *more]
        for other in join:
            words += ["--join", self.address(other)]
        return words + (["--bootstrap"] if bootstrap else [])

    def start(self, name, join=(), bootstrap=False, more=(), preexec=None):
        def before():
            die_with_parent()
            if preexec:
                preexec()

        with open(self.path(name) + ".log", "ab") as log:
            self.agents[name] = subprocess.Popen(self.agent_words(name, join, bootstrap, more), stdout=log, stderr=log,
                                                 stdin=subprocess.DEVNULL, preexec_fn=before)
        return self.agents[name]

    def log(self, name):
        with open(self.path(name) + ".log", encoding="utf-8", errors="replace") as log:
            return log.read()

    def ask(self, name, what):
        connection = AdminConnection(os.path.join(self.path(name), "agent.sock"))
        try:
            connection.request("GET", f"/v1/{what}")
            return json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def states(self, reader):
        return {m["name"]: m for m in self.ask(reader, "members") or []}

    def all_alive(self, names):
        return all(sum(m["state"] == "alive" and bool(m["endpoints"]) for m in self.states(n).values()) == len(names)
                   for n in names)

    def all_alive_of(self, names):
        """Each of these sees all of these alive, whoever else it knows."""
        return all(self.states(reader).get(n, {}).get("state") == "alive" and self.states(reader)[n]["endpoints"]
                   for reader in names for n in names)

    def cluster(self, n, more=()):
        """Forms a cluster of n agents; returns their names and the seconds from the last start to all-see-all."""
        self.authority()
        names = [f"n{i}" for i in range(1, n + 1)]
        for name in names:
            self.node(name, roles=["keymaster"] if name == "n1" else [])
        self.start("n1", bootstrap=True, more=more)
        wait(lambda: self.ask("n1", "status"), 10)
        for name in names[1:]:
            self.start(name, join=["n1"], more=more)
        return names, wait(lambda: self.all_alive(names), 20)


class Followed:
    """All events of one run of one agent, with the moment (time.monotonic) at which each one arrived here."""

    def __init__(self, socket_path):
        self.events = []  # (moment, event): appended by the thread, never changed
        self.connection = AdminConnection(socket_path, timeout=None)
        self.connection.request("GET", "/v1/events?since=0")
        self.answer = self.connection.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for line in self.answer:
                self.events.append((time.monotonic(), json.loads(line)))
        except (OSError, ValueError, http.client.HTTPException):
            pass  # the agent was killed in the middle of a line
        finally:
            self.connection.close()


class Watchdog(threading.Thread):
    """Measures how late this process itself is run: agents on a starved machine look like failed ones."""
    STARVED = 0.25  # seconds; half of a lan probe's timeout

    def __init__(self):
        super().__init__(daemon=True)
        self.longest = 0.0
        self.stalls = 0
        self.start()

    def run(self):
        while True:
            begun = time.monotonic()
            time.sleep(0.02)
            late = time.monotonic() - begun - 0.02
            self.longest = max(self.longest, late)
            self.stalls += late > self.STARVED

    def verdict(self):
        if not self.stalls:
            return f"the machine kept up (this script's longest stall: {self.longest * 1000:.0f} ms)"
        return (f"THE MACHINE WAS STARVED: {self.stalls} stalls of this script over {self.STARVED * 1000:.0f} ms, the "
                f"longest {self.longest * 1000:.0f} ms; limits stay as they are, figures say little")


def wait(condition, seconds):
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - begun


def cpu_seconds(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as stat:
        main = int(stat.read().split()[0])
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as stat:
            total += int(stat.read().split()[0])
    return max(main, total) / 1e9


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    raise AssertionError("no VmRSS")
