"""The story that scripts/demo tells, with real agents on loopback. Exits non-zero if any part of it goes wrong."""
import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "e2e"))
from agents import Place, wait  # noqa: E402

QUORUMOR = os.path.abspath(sys.argv[1])
SIMULATOR = os.path.join(os.path.dirname(QUORUMOR), "quorumor-sim")
PLACE = Place(QUORUMOR, prefix="quorumor-demo-")
STARTED = time.monotonic()

atexit.register(PLACE.close)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def say(text):
    print(f"\n\033[1m==> {text}\033[0m" if sys.stdout.isatty() else f"\n==> {text}", flush=True)


def fail(text):
    print(f"quorumor demo: {text}", file=sys.stderr)
    sys.exit(1)


def wait_for(what, condition, seconds):
    try:
        return wait(condition, seconds)
    except AssertionError as late:
        fail(f"{what}: {late}")


def table(reader):
    print(PLACE.run("members", "--dir", PLACE.path(reader)).rstrip())


def form_cluster(names):
    say("An authority, and five nodes that it admits: each has its own identity, none is given a cluster key")
    PLACE.authority(label="demo")
    for name in names:
        PLACE.node(name, roles=["keymaster"] if name == "n1" else [])
    print(PLACE.run("authority", "show", "--authority", PLACE.path("authority")).rstrip())

    say("Five agents, five processes; the first starts the cluster, the others join by its address")
    # A minute must pass between two rotations unless the first node says otherwise; nobody wants to watch that.
    with open(PLACE.path("agent.toml"), "w", encoding="utf-8") as settings:
        settings.write("[bootstrap]\nepoch_interval_min = '1s'\n")
    PLACE.start("n1", bootstrap=True, more=["--config", PLACE.path("agent.toml")])
    wait_for("n1 answers", lambda: PLACE.ask("n1", "status"), 10)
    for name in names[1:]:
        PLACE.start(name, join=["n1"])
    last = time.monotonic()
    wait_for("all see all", lambda: PLACE.all_alive(names), 20)
    print(f"every agent sees all {len(names)} alive {time.monotonic() - last:.2f} s after the last start; n3's table:")
    table("n3")


def kill_one(names):
    victim = names[-1]
    survivors = names[:-1]
    say(f"kill -9 {victim}: how long until every survivor has noticed?")
    PLACE.agents[victim].send_signal(signal.SIGKILL)
    PLACE.agents[victim].wait()
    killed = time.monotonic()
    noticed = {}
    while len(noticed) < len(survivors):
        for n in survivors:
            if n not in noticed and PLACE.states(n).get(victim, {}).get("state") == "dead":
                noticed[n] = time.monotonic() - killed
                print(f"  {n}: {victim} is dead, after {noticed[n]:.1f} s", flush=True)
        if time.monotonic() - killed > 20:
            fail(f"{victim} was not declared dead by all within 20 s")
        time.sleep(0.05)
    say(f"Why? n1 says who accused {victim}, and what its own last look found")
    print(PLACE.run("why", victim, "--dir", PLACE.path("n1")).rstrip())
    return victim


def tell(names):
    say("A signed event, sent at n3: who has been told?")
    before = {n: int(PLACE.ask(n, "status")["counters"]["events_delivered"]) for n in names}
    PLACE.run("event", "deploy", "v1.2 is out", "--dir", PLACE.path("n3"))
    sent = time.monotonic()
    told = lambda n: int(PLACE.ask(n, "status")["counters"]["events_delivered"]) > before[n]
    wait_for("the event everywhere", lambda: all(told(n) for n in names), 5)
    print(f"all {len(names)}, within {time.monotonic() - sent:.1f} s")


def bring_back(victim, names):
    before = int(PLACE.states("n1")[victim]["generation"])
    say(f"{victim} again, from its directory: nothing is typed, no key is copied")
    PLACE.start(victim, join=["n1"])
    took = wait_for("alive again", lambda: all(
        PLACE.states(n).get(victim, {}).get("state") == "alive" for n in names), 20)
    after = int(PLACE.states("n1")[victim]["generation"])
    if after <= before:
        fail("the generation did not grow")
    print(f"alive at every agent after {took:.2f} s; its generation went from {before} to {after}")


def refusals():
    say("Three who should not get in")
    PLACE.authority("foreign", label="demo")
    PLACE.node("stranger", authority="foreign")
    PLACE.run("node", "init", "--dir", PLACE.path("nobody"))
    PLACE.node("bygone", not_after=int(time.time()) - 3 * 3600)
    for name, who in (("stranger", "a node of another authority"), ("nobody", "a node without a credential"),
                      ("bygone", "a node whose credential has expired")):
        PLACE.start(name, join=["n1"])
        try:
            code = PLACE.agents[name].wait(timeout=15)
        except subprocess.TimeoutExpired:
            fail(f"{name} was not refused")
        lines = PLACE.log(name).strip().splitlines()
        if code == 0 or not lines:
            fail(f"{name} ended with {code} and said nothing")
        told = [line for line in lines if "refused by" in line] or lines
        print(f"  {who} (exit {code}):\n    {told[0].replace(PLACE.root, '...')}")


def flood(names):
    say("10,000 garbage datagrams at every agent")
    before = {n: PLACE.ask(n, "status") for n in names}
    draw = random.Random(7)
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        for i in range(10000):
            garbage = draw.randbytes(draw.randrange(0, 1300))
            if i % 2:  # half of them look like ours as far as anybody can see
                garbage = b"\x51" + garbage[1:]
            for n in names:
                udp.sendto(garbage, ("127.0.0.1", PLACE.ports[n]))
            if i % 50 == 0:
                time.sleep(0.005)
    time.sleep(2)
    for n in names:
        status = PLACE.ask(n, "status")
        if status is None:
            fail(f"{n} no longer answers")
        dropped = sum(int(v) for v in status["counters"]["dropped"].values())
        dropped -= sum(int(v) for v in before[n]["counters"]["dropped"].values())
        alive = int(status["counts"]["alive"])
        print(f"  {n}: {dropped} dropped and counted; sees {alive} alive, health {status['health']}")
        if alive != len(names) or dropped < 5000:
            fail(f"{n} flinched")


def rotate(names):
    say("The cluster's key is replaced, while everything goes on; the old one retires by itself")
    print(PLACE.run("keys", "rotate", "--dir", PLACE.path("n1"), "--timeout", "60s").rstrip())
    for n in names:
        status = PLACE.ask(n, "status")
        if int(status["epoch"]) != 2:
            fail(f"{n} still speaks under epoch {status['epoch']}")
        lost = int(status["counters"]["dropped"].get("unknown_epoch", 0))
        print(f"  {n}: epoch 2; datagrams that it could not read for want of a key: {lost}")


def evict(names):
    victim = "n4"
    say(f"{victim} is stolen: revoked and locked out in one step. It still has its disk, its keys and all it knew")
    print(PLACE.run("evict", victim, "--dir", PLACE.path("n1"), "--authority", PLACE.path("authority"),
                    "--reason", "stolen").rstrip())
    rest = [n for n in names if n != victim]
    wait_for("evicted everywhere", lambda: all(
        PLACE.states(n).get(victim, {}).get("state") == "evicted" for n in rest), 10)
    try:
        code = PLACE.agents[victim].wait(timeout=15)
    except subprocess.TimeoutExpired:
        fail(f"{victim} still runs")
    print(f"  {victim} itself (exit {code}):\n    {PLACE.log(victim).strip().splitlines()[-1].replace(PLACE.root, '...')}")
    return rest


def simulate():
    say("The same nodes in virtual time: an accuser that lies, with the defense off and on")
    scenario = ("run", "attacks/victim-accuser", "--quiet")
    for protocol in ("swim+lifeguard", "quorumor"):
        run = subprocess.run([SIMULATOR, *scenario, "--set", f"cluster.protocol={protocol}"],
                             capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            fail(f"the simulated attack under {protocol}: {run.stdout}{run.stderr}")
        figures = [line.split() for line in run.stdout.splitlines()]
        value = {f[0]: f[1] for f in figures if len(f) > 1}
        print(f"  {protocol:15} suspicions of living members: {value['suspicions']}, "
              f"declared dead: {value['false_deaths']}")


def main():
    names = ["n1", "n2", "n3", "n4", "n5"]
    form_cluster(names)
    victim = kill_one(names)
    bring_back(victim, names)
    tell(names)
    rotate(names)
    refusals()
    flood(names)
    names = evict(names)
    simulate()
    say("n2 leaves, politely")
    PLACE.run("leave", "--dir", PLACE.path("n2"))
    PLACE.agents["n2"].wait(timeout=15)
    wait_for("left everywhere", lambda: all(PLACE.states(n)["n2"]["state"] == "left" for n in names if n != "n2"), 15)
    table("n1")
    say(f"Done in {time.monotonic() - STARTED:.0f} s; everything is stopped and removed.")
    binary = os.path.relpath(QUORUMOR)
    print(f"""Try next:
  {binary} dev --nodes 5      a cluster to play with; it prints the commands to talk to it
  {os.path.relpath(SIMULATOR)} list   scenarios to run in virtual time; `swarm --seeds 20` draws its own
  {binary} --help             everything else
  scripts/test                all tests""")


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
