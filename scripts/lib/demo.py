"""The story that scripts/demo tells, with real agents on loopback. Exits non-zero if any part of it goes wrong."""
import atexit
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

QUORUMOR = os.path.abspath(sys.argv[1])
ROOT = tempfile.mkdtemp(prefix="quorumor-demo-")
AGENTS = {}
STARTED = time.monotonic()


def clean_up():
    for process in AGENTS.values():
        if process.poll() is None:
            process.kill()
            process.wait()
    shutil.rmtree(ROOT, ignore_errors=True)


atexit.register(clean_up)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def say(text):
    print(f"\n\033[1m==> {text}\033[0m" if sys.stdout.isatty() else f"\n==> {text}", flush=True)


def fail(text):
    print(f"quorumor demo: {text}", file=sys.stderr)
    sys.exit(1)


def run(*words, quiet=True):
    done = subprocess.run([QUORUMOR, *words], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"`quorumor {' '.join(words)}` failed: {done.stderr.strip()}")
    if not quiet:
        print(done.stdout.rstrip())
    return done.stdout


def path(name):
    return os.path.join(ROOT, name)


def free_port():
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Connection(http.client.HTTPConnection):
    def __init__(self, socket_path):
        super().__init__("localhost", timeout=5)
        self.socket_path = socket_path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.socket_path)


def ask(node, what):
    connection = Connection(os.path.join(path(node), "agent.sock"))
    try:
        connection.request("GET", f"/v1/{what}")
        return json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def states(reader):
    members = ask(reader, "members") or []
    return {m["name"]: m for m in members}


def wait_for(what, condition, seconds):
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            fail(f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - begun


def make_node(name, authority="authority", roles=(), days=None, not_after=None):
    run("node", "init", "--dir", path(name))
    words = ["authority", "admit", "--authority", path(authority), "--name", name, "--dir", path(name)]
    for role in roles:
        words += ["--role", role]
    if not_after:
        words += ["--not-after", not_after]
    run(*words)


PORTS = {}


def start(name, join=None, bootstrap=False):
    PORTS.setdefault(name, free_port())
    words = [QUORUMOR, "agent", "--dir", path(name), "--bind", f"127.0.0.1:{PORTS[name]}"]
    if join:
        words += ["--join", f"127.0.0.1:{PORTS[join]}"]
    if bootstrap:
        words += ["--bootstrap"]
    log = open(path(name) + ".log", "ab")
    AGENTS[name] = subprocess.Popen(words, stderr=log, stdout=log, stdin=subprocess.DEVNULL)


def table(reader):
    run("members", "--dir", path(reader), quiet=False)


def form_cluster(names):
    say("An authority, and five nodes that it admits: each has its own identity, none is given a cluster key")
    run("authority", "init", "--label", "demo", "--out", path("authority"))
    for name in names:
        make_node(name, roles=["keymaster"] if name == "n1" else [])
    run("authority", "show", "--authority", path("authority"), quiet=False)

    say("Five agents, five processes; the first starts the cluster, the others join by its address")
    start("n1", bootstrap=True)
    wait_for("n1 answers", lambda: ask("n1", "status"), 10)
    for name in names[1:]:
        start(name, join="n1")
    last = time.monotonic()

    def whole():
        return all(sum(m["state"] == "alive" and bool(m["endpoints"]) for m in states(n).values()) == len(names)
                   for n in names)

    wait_for("all see all", whole, 20)
    print(f"every agent sees all {len(names)} alive {time.monotonic() - last:.2f} s after the last start; n3's table:")
    table("n3")


def kill_one(names):
    victim = names[-1]
    survivors = names[:-1]
    say(f"kill -9 {victim}: how long until every survivor has noticed?")
    AGENTS[victim].send_signal(signal.SIGKILL)
    AGENTS[victim].wait()
    killed = time.monotonic()
    noticed = {}
    while len(noticed) < len(survivors):
        for n in survivors:
            if n not in noticed and states(n).get(victim, {}).get("state") == "dead":
                noticed[n] = time.monotonic() - killed
                print(f"  {n}: {victim} is dead, after {noticed[n]:.1f} s", flush=True)
        if time.monotonic() - killed > 20:
            fail(f"{victim} was not declared dead by all within 20 s")
        time.sleep(0.05)
    return victim


def bring_back(victim, names):
    before = int(states("n1")[victim]["generation"])
    say(f"{victim} again, from its directory: nothing is typed, no key is copied")
    start(victim, join="n1")
    took = wait_for("alive again", lambda: all(
        states(n).get(victim, {}).get("state") == "alive" for n in names), 20)
    after = int(states("n1")[victim]["generation"])
    if after <= before:
        fail("the generation did not grow")
    print(f"alive at every agent after {took:.2f} s; its generation went from {before} to {after}")


def refusals():
    say("Three who should not get in")
    run("authority", "init", "--label", "demo", "--out", path("foreign"))
    make_node("stranger", authority="foreign")
    run("node", "init", "--dir", path("nobody"))
    make_node("bygone", not_after=str(int(time.time()) - 3 * 3600))
    for name, who in (("stranger", "a node of another authority"), ("nobody", "a node without a credential"),
                      ("bygone", "a node whose credential has expired")):
        start(name, join="n1")
        try:
            code = AGENTS[name].wait(timeout=15)
        except subprocess.TimeoutExpired:
            fail(f"{name} was not refused")
        with open(path(name) + ".log", encoding="utf-8") as log:
            lines = log.read().strip().splitlines()
        if code == 0 or not lines:
            fail(f"{name} ended with {code} and said nothing")
        told = [line for line in lines if "refused by" in line] or lines
        print(f"  {who} (exit {code}):\n    {told[0].replace(ROOT, '...')}")


def flood(names):
    say("10,000 garbage datagrams at every agent")
    before = {n: ask(n, "status") for n in names}
    draw = random.Random(7)
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        for i in range(10000):
            garbage = draw.randbytes(draw.randrange(0, 1300))
            if i % 2:  # half of them look like ours as far as anybody can see
                garbage = b"\x51" + garbage[1:]
            for n in names:
                udp.sendto(garbage, ("127.0.0.1", PORTS[n]))
            if i % 50 == 0:
                time.sleep(0.005)
    time.sleep(2)
    for n in names:
        status = ask(n, "status")
        if status is None:
            fail(f"{n} no longer answers")
        dropped = sum(int(v) for v in status["counters"]["dropped"].values())
        dropped -= sum(int(v) for v in before[n]["counters"]["dropped"].values())
        alive = int(status["counts"]["alive"])
        print(f"  {n}: {dropped} dropped and counted; sees {alive} alive, health {status['health']}")
        if alive != len(names) or dropped < 5000:
            fail(f"{n} flinched")


def main():
    names = ["n1", "n2", "n3", "n4", "n5"]
    form_cluster(names)
    victim = kill_one(names)
    bring_back(victim, names)
    refusals()
    flood(names)
    say("n2 leaves, politely")
    run("leave", "--dir", path("n2"))
    AGENTS["n2"].wait(timeout=15)
    wait_for("left everywhere", lambda: all(states(n)["n2"]["state"] == "left" for n in names if n != "n2"), 15)
    table("n1")
    say(f"Done in {time.monotonic() - STARTED:.0f} s; everything is stopped and removed.")
    binary = os.path.relpath(QUORUMOR)
    print(f"""Try next:
  {binary} dev --nodes 5      a cluster to play with; it prints the commands to talk to it
  {binary} --help             everything else
  scripts/test                all tests""")


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
