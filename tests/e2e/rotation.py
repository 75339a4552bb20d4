#!/usr/bin/env python3
"""Rotations in a row with real agents, under steady event traffic, while members are killed and restarted.

    rotation.py PATH_TO_QUORUMOR [AGENTS] [--rotations N] [--every SECONDS] [--kills N]

Limits (issue: keys for life): no frame dropped for want of a key, no suspicion of a live member, no event lost, each new
epoch held by every live member within 3 s. Prints a table; exit code 1 if a limit is broken.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time

from agents import Followed, Place, Watchdog, end_well_on_signals, wait

EVENT_TTL = 60     # seconds
HELD_WITHIN = 3.0  # seconds
DOWN_FOR = 3.0     # seconds between a kill and the restart


class Run:
    def __init__(self, options):
        self.o = options
        self.place = Place(options.program)
        self.config = self.place.path("agent.toml")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write("preset = 'local'\nlog = 'json'\n[bootstrap]\nepoch_interval_min = '1s'\n")
        self.random = random.Random(options.seed)
        self.broken = []
        self.follows = {}  # name: the events of each of its runs
        self.sent = []     # (moment, payload)
        self.down = {}     # name: moment of its kill
        self.outages = []  # (name, from, until it was seen alive by all again)
        self.done = threading.Event()
        self.commands = []  # (epoch, `keys rotate`)

    def complain(self, text):
        self.broken.append(text)
        print(f"  BROKEN: {text}", flush=True)

    def follow(self, name):
        self.follows.setdefault(name, []).append(Followed(os.path.join(self.place.path(name), "agent.sock")))

    def form(self):
        self.names, seconds = self.place.cluster(self.o.agents, more=["--config", self.config]) \
            if self.o.agents <= 20 else self.form_large()
        for name in self.names:
            self.follow(name)
        print(f"{self.o.agents} agents see each other (after {seconds:.1f} s)", flush=True)

    def form_large(self):
        p = self.place
        p.authority()
        names = [f"n{i}" for i in range(1, self.o.agents + 1)]
        for name in names:
            p.node(name, roles=["keymaster"] if name == "n1" else [])
        p.start("n1", bootstrap=True, more=["--config", self.config])
        wait(lambda: p.ask("n1", "status"), 30)
        for name in names[1:]:
            p.start(name, join=["n1"], more=["--config", self.config])
            time.sleep(0.1)
        return names, wait(lambda: p.all_alive(names), 120)

    def traffic(self):
        """Two events a second from n1 and n2 in turn, which are never killed."""
        number = 0
        while not self.done.wait(0.5):
            number += 1
            origin = self.names[number % 2]
            payload = f"event-{number}"
            if self.place.call("event", "tick", payload, "--dir", self.place.path(origin), "--ttl", str(EVENT_TTL)).returncode == 0:
                self.sent.append((time.monotonic(), payload))

    def kill(self, index):
        name = self.random.choice([n for n in self.names[2:] if n not in self.down])
        self.down[name] = time.monotonic()
        self.place.agents[name].kill()
        self.place.agents[name].wait()
        print(f"  kill -9 {name} in rotation {index}", flush=True)

    def pump(self):
        """Restarts who was down for long enough, and notes who is back. From this thread only: an agent is killed with
        the thread that started it."""
        for name, begun in list(self.down.items()):
            if self.place.agents[name].poll() is not None and time.monotonic() - begun > DOWN_FOR:
                self.place.start(name, join=["n1", "n2"], more=["--config", self.config])
            elif self.place.agents[name].poll() is None and (self.place.ask(name, "status") or {}).get("joined"):
                self.follow(name)
                self.outages.append((name, begun, time.monotonic()))
                del self.down[name]
        return not self.down

    def pause(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.pump()
            time.sleep(0.02)

    def holders(self, epoch):
        """Live members that do not state the epoch as their newest."""
        lacking = []
        for name in self.names:
            if name in self.down:
                continue
            keys = self.place.ask(name, "keys") or {"epochs": []}
            if not any(int(e["epoch"]) >= epoch and e["state"] == "newest" for e in keys["epochs"]):
                lacking.append(name)
        return [n for n in lacking if n not in self.down]

    def rotate(self, index):
        wait(lambda: (self.place.ask("n1", "keys") or {}).get("rotation_allowed_in_ms") == 0, 30)
        epoch = max(int(e["epoch"]) for e in self.place.ask("n1", "keys")["epochs"]) + 1
        begun = time.monotonic()
        command = subprocess.Popen([self.o.program, "keys", "rotate", "--dir", self.place.path("n1"), "--json", "--keep",
                                    "--timeout", "30s"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if index % 2 == 0 and self.o.kills > 0:
            self.o.kills -= 1
            self.kill(index)
        lacking = self.holders(epoch)
        while lacking and time.monotonic() - begun < HELD_WITHIN * 3:
            self.pause(0.02)
            lacking = self.holders(epoch)
        held = time.monotonic() - begun
        if lacking or held > HELD_WITHIN:
            self.complain(f"epoch {epoch} held by all live members after {held:.2f} s, lacking: {lacking}")
        print(f"  epoch {epoch}: held by all live members after {held:.2f} s", flush=True)
        self.place.run("keys", "retire", str(epoch - 1), "--dir", self.place.path("n1"))
        self.commands.append((epoch, command))  # n1 hears of the last member later; the next rotation does not wait
        self.pause(self.o.every - (time.monotonic() - begun))

    def check_commands(self):
        knew = []
        for epoch, command in self.commands:
            while command.poll() is None:
                self.pause(0.05)
            out, err = command.communicate()
            if command.returncode != 0:
                self.complain(f"keys rotate, epoch {epoch}: {err.strip()}")
            else:
                knew.append(json.loads(out)["seconds"])
        if knew:
            print(f"  n1 knew of all members after {min(knew):.2f} to {max(knew):.2f} s", flush=True)

    def check_suspicions(self):
        """A suspicion, death or unreachability of somebody who was not down at that moment, by anybody."""
        for reader, runs in self.follows.items():
            for run in runs:
                for moment, event in run.events:
                    if event["event"] not in ("suspect", "unreachable", "dead"):
                        continue
                    about = event["member"]
                    was_down = any(n == about and begun <= moment <= until + 2 for n, begun, until in self.outages)
                    if not was_down:
                        self.complain(f"{reader} told {event['event']} of {about}, which was up: {event.get('reason')}")

    def lost_events(self):
        lost = {}
        for name in self.names:
            outages = [(begun, until) for n, begun, until in self.outages if n == name]
            got = {event["user_event"]["payload"] for run in self.follows[name] for _, event in run.events
                   if event.get("user_event")}
            due = [payload for at, payload in self.sent if not any(begun - 1 <= at <= until for begun, until in outages)]
            missing = [payload for payload in due if payload not in got]
            if missing:
                lost[name] = missing
        return lost

    def check_events(self):
        """Gossip may miss a member; what it asks for within the event's time to live makes up for it. After that it is lost."""
        until = time.monotonic() + EVENT_TTL
        while self.lost_events() and time.monotonic() < until:
            time.sleep(0.2)
        lost = self.lost_events()
        for name, missing in lost.items():
            counters = (self.place.ask(name, "status") or {}).get("counters", {})
            told = {key: value for key, value in counters.items() if key.startswith("events_") and value != "0"}
            print(f"  {name} lost {len(missing)} of {len(self.sent)} events: {missing[:5]}; it counts {told}", flush=True)
        deliveries = len(self.sent) * len(self.names)
        count = sum(map(len, lost.values()))
        print(f"  {count} of {deliveries} deliveries of events lost", flush=True)
        if count * 1000 > self.o.lost * deliveries:
            self.complain(f"{count} of {deliveries} deliveries of events lost, {self.o.lost} in a thousand allowed")

    def check_retirement(self):
        """It follows by its own conditions: half of the members must have answered own probes under a newer key."""
        last = max(int(e["epoch"]) for e in self.place.ask("n1", "keys")["epochs"]) - 1
        begun = time.monotonic()
        floors = {}
        while time.monotonic() - begun < 60:
            floors = {n: int((self.place.ask(n, "keys") or {"retired_floor": "0"})["retired_floor"]) for n in self.names}
            if min(floors.values()) >= last:
                print(f"  epochs up to {last} retired everywhere, {time.monotonic() - begun:.1f} s after the last check")
                return
            time.sleep(0.2)
        self.complain(f"epoch {last} is not retired everywhere after 60 s: {floors}")

    def check_drops(self):
        for name in self.names:
            status = self.place.ask(name, "status")
            if status is None:
                self.complain(f"{name} does not answer: {self.place.log(name)[-300:]}")
                continue
            dropped = int(status["counters"]["dropped"]["unknown_epoch"])
            if dropped:
                self.complain(f"{name} dropped {dropped} datagrams for want of a key")

    def run(self):
        self.form()
        sender = threading.Thread(target=self.traffic)
        sender.start()
        begun = time.monotonic()
        for index in range(1, self.o.rotations + 1):
            self.rotate(index)
        print(f"  a rotation every {(time.monotonic() - begun) / self.o.rotations:.1f} s", flush=True)
        self.check_commands()
        wait(self.pump, 30)
        self.done.set()
        sender.join()
        try:
            wait(lambda: self.place.all_alive(self.names), 30)
        except AssertionError:
            for name in self.names:
                seen = {n: m["state"] for n, m in self.place.states(name).items() if m["state"] != "alive"}
                self.complain(f"30 s after the last rotation {name} sees {len(self.place.states(name))} members, not alive: "
                              f"{seen}")
        time.sleep(3)
        self.check_retirement()
        self.check_drops()
        self.check_suspicions()
        self.check_events()
        print(f"{len(self.sent)} events sent, {len(self.outages)} members killed and restarted", flush=True)
        return 1 if self.broken else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("agents", nargs="?", type=int, default=50)
    parser.add_argument("--rotations", type=int, default=10)
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one to the next")
    parser.add_argument("--kills", type=int, default=5, help="members killed and restarted, at most one each two rotations")
    parser.add_argument("--lost", type=int, default=0, help="deliveries of events that may be missed, in a thousand")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    end_well_on_signals()
    watchdog = Watchdog()
    run = Run(options)
    try:
        code = run.run()
    finally:
        run.done.set()
        print(watchdog.verdict())
        run.place.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
