"""Agents on a network of the test's own, everything that they reported, and what to complain about in it."""
import os
import random
import signal
import subprocess
import time

import networks
from agents import Followed, Place

# What must not be reported about a member that lives.
BAD = ("suspect", "unreachable", "dead", "left", "evicted", "clone_alarm")


class TooLate(Exception):
    """What a test waited for did not happen in time; the text says what."""


def agent_help(program, known={}):  # noqa: B006: remembered on purpose
    if program not in known:
        known[program] = subprocess.run([program, "agent", "--help"], capture_output=True, text=True, timeout=20,
                                        check=True).stdout
    return known[program]


class World(Place):
    def __init__(self, program, network, preset):
        super().__init__(program, prefix="quorumor-detector-")
        self.network = network
        self.preset = preset
        self.followed = {}
        self.runs = []  # (name, Followed), the ended ones too
        self.complaints = []
        self.begun = time.monotonic()
        if isinstance(network, networks.Proxy):
            network.pids = lambda: {n: p.pid for n, p in self.agents.items()}

    def address(self, name):
        return self.network.address(name)

    def bind_words(self, name):
        return self.network.bind_words(name)

    def start(self, name, join=(), bootstrap=False, more=(), preexec=None):
        words = [*more, "--preset", self.preset] if "--preset" in agent_help(self.program) else list(more)
        self.network.add(name)
        process = super().start(name, join, bootstrap, words, self.network.enter(name))
        self.until(lambda: self.ask(name, "status"), 10, f"{name} starts")
        self.followed[name] = Followed(os.path.join(self.path(name), "agent.sock"))
        self.runs.append((name, self.followed[name]))
        return process

    def form(self):
        try:
            names, _ = self.cluster(5)
        except AssertionError as late:
            raise TooLate(f"five agents see each other: {late}") from late
        time.sleep(1 + random.random())  # their probes, in step until now, begin to differ
        return names

    def until(self, condition, seconds, what):
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                raise TooLate(f"{what}: not within {seconds} s")
            time.sleep(0.02)
        return time.monotonic() - begun

    def reports(self, reader, since, kinds=BAD):
        """What `reader` reported from a moment on: (seconds since then, kind, member)."""
        return [(at - since, e["event"], e["member"]) for at, e in list(self.followed[reader].events)
                if at >= since and e["event"] in kinds]

    def first(self, reader, since, kind, member):
        return next((at for at, k, m in self.reports(reader, since) if (k, m) == (kind, member)), None)

    def complain(self, text):
        self.complaints.append(text)

    def nobody(self, readers, since, kinds, about):
        """No reader may have reported any of these kinds about any of these members."""
        for reader in readers:
            for at, kind, member in self.reports(reader, since, kinds):
                if member in about and member != reader:
                    self.complain(f"{reader} called the living {member} {kind} after {at:.1f} s")

    def diagnose(self):
        """The last lines of each agent, in seconds since this script began."""
        for name, followed in self.runs:
            process = self.agents[name]
            running = "a run that has ended" if followed is not self.followed[name] else (
                "running" if process.poll() is None else f"exit {process.returncode}")
            print(f"--- {name} ({self.network.address(name)}, {running}), its last events:")
            for at, e in list(followed.events)[-15:]:
                print(f"    {at - self.begun:8.2f} s  {e['event']:<12} {e['member']}  {e['reason'] or ''}")
        for name, process in self.agents.items():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                status = self.ask(name, "status") or {}
                print(f"--- {name}: health {status.get('health')}, counts {status.get('counts')}")
            others = [line for line in self.log(name).splitlines() if " info " not in line][-5:]
            print("\n".join(f"    {line}" for line in others))
