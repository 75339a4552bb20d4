"""What the e2e tests and the demo share: authorities, nodes and agents as real processes in a temporary directory."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time


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


class AdminConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=5)
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

    def close(self):
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

    def agent_words(self, name, join=(), bootstrap=False, more=()):
        self.ports.setdefault(name, free_port(self.host))
        words = [self.program, "agent", "--dir", self.path(name), "--bind", self.address(name), *more]
        for other in join:
            words += ["--join", self.address(other)]
        return words + (["--bootstrap"] if bootstrap else [])

    def start(self, name, join=(), bootstrap=False, more=(), preexec=None):
        with open(self.path(name) + ".log", "ab") as log:
            self.agents[name] = subprocess.Popen(self.agent_words(name, join, bootstrap, more), stdout=log, stderr=log,
                                                 stdin=subprocess.DEVNULL, preexec_fn=preexec)
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
