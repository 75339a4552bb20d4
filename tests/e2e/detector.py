#!/usr/bin/env python3
"""The failure detector with real agents: five of them, each a process, and what each one reported about the others.

    detector.py PATH_TO_QUORUMOR SCENARIO... [--rounds N] [--preset lan|wan|local] [--loss PERCENT] [--seconds N]
                [--network auto|namespaces|proxy|loopback]

Scenarios:
    crash          kill -9 of one: every survivor says suspect, then dead, within the preset's limits, and nothing else
    pause          one stops for 12 s: it may be called dead, must come back everywhere, and must accuse nobody of being
                   dead or unreachable: it was itself that slept
    oversleep      one stops for 12 s, as a suspended machine that receives nothing, while it suspects another, which
                   refutes meanwhile: when it wakes, with a timer that ran out long ago, it must not call it dead or
                   unreachable
    hiccup         one stops for 2 s: nobody is called dead or unreachable
    loss           a fifth of all packets is lost (--loss) for a minute (--seconds): no living member is called dead
    partition      3 and 2 members cannot reach each other for 20 s (--seconds): all alive again soon after
    crash-in-loss  kill -9 of one while a fifth of all packets is lost: dead everywhere, nobody else is
    all            every one of them, several at a time, and a table in the end
    long           the same with 20 rounds of crashes (3 with preset wan) and ten minutes of loss

Exit codes: 0 all limits held, 1 one did not, 2 asked wrongly. Leaves nothing running, however it ends.
"""
import argparse
import json
import math
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import networks  # noqa: E402
from agents import Watchdog, end_well_on_signals  # noqa: E402
from observed import BAD, TooLate, World, agent_help  # noqa: E402
from several import LONG, SHORT, as_line, run_many  # noqa: E402

# Seconds from kill -9 until the last survivor says dead: the median over rounds, and any single round. A median is
# judged from five rounds on: of one round it would be a stricter limit on the maximum.
CRASH_LIMITS = {"lan": (8, 12), "wan": (55, 75), "local": (2, 2)}
MEDIAN_FROM = 5
PERIOD = {"lan": 1, "wan": 5, "local": 0.2}  # seconds from probe to probe
FORMING = 20  # seconds for a member that was killed to be back everywhere
PAUSE = 12    # seconds; longer than a lan suspicion with the probe that raised it
RETURN = 5    # seconds from SIGCONT until every table says alive everywhere
HEAL = 30     # seconds from a healed partition: in each period each dead member is pinged with probability 1/10
CRASH_IN_LOSS = 20  # seconds from kill -9 under loss until the last survivor says dead
# After the event of interest, how long nothing may go wrong: longer than a lan suspicion, of which a late one is made.
SETTLE = 8


# --- scenarios: each gives rows (what, measured, limit), and complains about what went wrong -----------------------


def kill_and_time(world, names, victim, limit):
    """Returns when it was killed, who survived, and the seconds until the last of them said dead."""
    survivors = [n for n in names if n != victim]
    world.agents[victim].kill()
    killed = time.monotonic()
    world.agents[victim].wait()
    world.until(lambda: all(world.first(n, killed, "dead", victim) for n in survivors), limit + 1,
                f"{victim}, killed, is dead for {', '.join(survivors)}")
    time.sleep(min(1.0, limit / 2))
    return killed, survivors, max(world.first(n, killed, "dead", victim) for n in survivors)


def bring_back(world, names, victim):
    """Restarts it, and lets a probe that began before end. Returns how many others suspected the restarted member."""
    survivors = [n for n in names if n != victim]
    begun = time.monotonic()
    world.start(victim, join=survivors[:2])
    world.until(lambda: world.all_alive(names), FORMING, f"{victim} is back")
    time.sleep(PERIOD[world.preset] * (2 + random.random()))
    world.nobody(names, begun, ("dead", "unreachable"), names)
    return sum(world.first(n, begun, "suspect", victim) is not None for n in survivors)


def crash(world, options):
    names, took, suspected, doubts = world.form(), [], [], 0
    most_median, most = CRASH_LIMITS[options.preset]
    for i in range(options.rounds):
        victim = names[-1 - i % len(names)]
        killed, survivors, seconds = kill_and_time(world, names, victim, most)
        took.append(seconds)
        suspected.append(min(world.first(n, killed, "suspect", victim) or 0 for n in survivors))
        if seconds > most:
            world.complain(f"round {i + 1}: {victim} was dead everywhere only after {seconds:.2f} s, not {most} s")
        for n in survivors:
            about = [kind for _, kind, member in world.reports(n, killed) if member == victim]
            if about != ["suspect", "dead"]:
                world.complain(f"round {i + 1}: {n} reported {about} about {victim}, not suspect, then dead")
        world.nobody(survivors, killed, BAD, survivors)
        if options.rounds > 1:
            progress(f"round {i + 1} of {options.rounds}: {victim} suspected after {suspected[-1]:.2f} s, dead "
                     f"everywhere after {seconds:.2f} s")
        if i + 1 < options.rounds:
            doubts += bring_back(world, names, victim) > 0
    judged = options.rounds >= MEDIAN_FROM
    if judged and rank(took, 0.5) > most_median:
        world.complain(f"the median is {rank(took, 0.5):.2f} s, more than {most_median} s")
    name = f"crash, {options.preset}: last survivor says dead"
    return [(f"crash, {options.preset}: first suspicion, median", f"{rank(suspected, 0.5):.2f} s", ""),
            (f"{name}, median of {options.rounds}", f"{rank(took, 0.5):.2f} s", f"{most_median} s" if judged else ""),
            (f"{name}, p99", f"{rank(took, 0.99):.2f} s", ""),
            (f"{name}, max", f"{max(took):.2f} s", f"{most} s"),
            (f"crash, {options.preset}: restarted members that were suspected", f"{doubts} of {options.rounds - 1}",
             "")]


def wake(world, names, sleeper):
    """Ends a pause; returns when, and the seconds until all were alive everywhere. Nothing may change after that."""
    woken = time.monotonic()
    world.agents[sleeper].send_signal(signal.SIGCONT)
    back = world.until(lambda: world.all_alive(names), RETURN, "all alive again after SIGCONT")
    time.sleep(SETTLE)
    if not world.all_alive(names):
        world.complain(f"{SETTLE} s after SIGCONT not everybody is alive everywhere")
    return woken, back


def pause(world, _options):
    names = world.form()
    stopped = time.monotonic()
    world.agents["n3"].send_signal(signal.SIGSTOP)
    time.sleep(PAUSE)
    woken, back = wake(world, names, "n3")
    awake = [n for n in names if n != "n3"]
    for n in awake:
        if world.first(n, stopped, "suspect", "n3") is None:
            world.complain(f"{n} did not notice that n3 was silent for {PAUSE} s")
    world.nobody(awake, stopped, BAD, awake)
    world.nobody(["n3"], stopped, ("dead", "unreachable"), awake)
    dead = sum(world.first(n, stopped, "dead", "n3") is not None for n in awake)
    wrong = len(world.reports("n3", woken, ("suspect",)))
    return [(f"pause of {PAUSE} s: others that called it dead", f"{dead} of 4", ""),
            (f"pause of {PAUSE} s: suspicions by the woken member", str(wrong), ""),
            (f"pause of {PAUSE} s: alive everywhere after SIGCONT", f"{back:.2f} s", f"{RETURN} s")]


def oversleep(world, _options):
    names = world.form()
    begun = time.monotonic()
    world.agents["n5"].send_signal(signal.SIGSTOP)
    world.until(lambda: world.first("n3", begun, "suspect", "n5"), 6, "n3 suspects n5, which stopped")
    stopped = time.monotonic()
    world.agents["n3"].send_signal(signal.SIGSTOP)
    world.network.cut(["n3"], [n for n in names if n != "n3"])
    world.agents["n5"].send_signal(signal.SIGCONT)
    time.sleep(PAUSE)
    world.network.heal(names)
    _, back = wake(world, names, "n3")
    world.nobody(["n1", "n2", "n4", "n5"], begun, ("dead", "unreachable"), [n for n in names if n != "n3"])
    world.nobody(["n3"], stopped, ("dead", "unreachable"), names)
    return [(f"pause of {PAUSE} s while suspecting: all alive after SIGCONT", f"{back:.2f} s", f"{RETURN} s")]


def hiccup(world, _options):
    names = world.form()
    stopped = time.monotonic()
    world.agents["n3"].send_signal(signal.SIGSTOP)
    time.sleep(2)
    _, back = wake(world, names, "n3")
    world.nobody(names, stopped, ("dead", "unreachable"), names)
    suspicions = sum(len(world.reports(n, stopped, ("suspect",))) for n in names)
    return [("pause of 2 s: suspicions", str(suspicions), ""),
            ("pause of 2 s: alive everywhere after SIGCONT", f"{back:.2f} s", f"{RETURN} s")]


def check_loss(world, percent):
    """That the network did what was asked: else nothing was tested."""
    seen, lost = world.network.counts()
    share = percent / 100
    if seen < 50:
        world.complain(f"only {seen} datagrams went through the network that was to lose some")
    elif abs(lost - share * seen) > 5 * math.sqrt(seen * share * (1 - share)):  # five standard deviations
        world.complain(f"of {seen} datagrams {lost} were lost, not {percent} %")
    return f"{100 * lost / max(seen, 1):.0f} % of {seen}"


def loss(world, options):
    names = world.form()
    world.network.lose(options.loss, names)
    begun = time.monotonic()
    seconds = options.seconds or 60
    while time.monotonic() - begun < seconds:
        time.sleep(min(30, max(0.0, seconds - (time.monotonic() - begun))))
        world.nobody(names, begun, ("dead",), names)
        if world.complaints:
            break
        if seconds > 60:
            progress(f"{time.monotonic() - begun:.0f} s of {seconds} s of loss: nobody dead")
    share = check_loss(world, options.loss)
    count = {kind: sum(len(world.reports(n, begun, (kind,))) for n in names) for kind in ("suspect", "unreachable")}
    return [(f"loss for {seconds} s: datagrams lost", share, ""),
            (f"loss for {seconds} s: reports of suspect, of unreachable",
             f"{count['suspect']}, {count['unreachable']}", ""),
            (f"loss for {seconds} s: living members called dead",
             str(sum(len(world.reports(n, begun, ("dead",))) for n in names)), "0")]


def partition(world, options):
    names = world.form()
    sides = names[:3], names[3:]
    world.network.cut(*sides)
    begun = time.monotonic()
    time.sleep(options.seconds or 20)
    for side, other in (sides, sides[::-1]):
        world.nobody(side, begun, ("dead", "unreachable"), side)
        for reader in side:
            states = {n: world.states(reader)[n]["state"] for n in other}
            if not set(states.values()) <= {"suspect", "dead", "unreachable"}:
                world.complain(f"{reader}, cut off from {', '.join(other)}, holds them {states}")
    kinds = sorted({world.states(n)[o]["state"] for n in sides[0] for o in sides[1]}), sorted(
        {world.states(n)[o]["state"] for n in sides[1] for o in sides[0]})
    world.network.heal(names)
    healed = time.monotonic()
    took = world.until(lambda: world.all_alive(names), HEAL, "all alive again after the partition")
    time.sleep(SETTLE)
    world.nobody(names, healed + took, ("dead", "unreachable"), names)
    return [("partition 3/2: the three hold the two", "/".join(kinds[0]), "not alive"),
            ("partition 3/2: the two hold the three", "/".join(kinds[1]), "not alive"),
            ("partition 3/2: all alive after healing", f"{took:.2f} s", f"{HEAL} s")]


def crash_in_loss(world, options):
    names, took = world.form(), []
    for i in range(options.rounds):
        world.network.lose(options.loss, names)
        begun = time.monotonic()
        time.sleep(3)
        victim = names[-1 - i % len(names)]
        _, survivors, seconds = kill_and_time(world, names, victim, CRASH_IN_LOSS)
        took.append(seconds)
        if seconds > CRASH_IN_LOSS:
            world.complain(f"round {i + 1}: dead everywhere only after {seconds:.2f} s, not {CRASH_IN_LOSS} s")
        world.nobody(survivors, begun, ("dead",), survivors)
        share = check_loss(world, options.loss)
        if options.rounds > 1:
            progress(f"round {i + 1} of {options.rounds}: {victim} dead everywhere after {seconds:.2f} s")
        world.network.heal(names)
        if i + 1 < options.rounds:
            bring_back(world, names, victim)
    return [("crash in loss: datagrams lost, last round", share, ""),
            (f"crash in loss: last survivor says dead, median of {options.rounds}", f"{rank(took, 0.5):.2f} s", ""),
            ("crash in loss: last survivor says dead, max", f"{max(took):.2f} s", f"{CRASH_IN_LOSS} s")]


def rank(values, share):
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 1).__trunc__() - 1)]


SCENARIOS = {"crash": crash, "pause": pause, "oversleep": oversleep, "hiccup": hiccup, "loss": loss,
             "partition": partition, "crash-in-loss": crash_in_loss}
NEED_LOSS = ("oversleep", "loss", "partition", "crash-in-loss")


def progress(text):
    print(f"  {text}", flush=True)


def run_one(options, scenario):
    try:
        network, why = networks.choose(options.network, scenario in NEED_LOSS)
    except networks.Refused as refused:
        sys.exit(f"detector: --network {options.network}: {refused}")
    if scenario in NEED_LOSS and not network.can_lose:
        sys.exit(f"detector: {scenario} needs a network that loses packets, not --network {options.network}")
    print(f"{scenario}, five agents, preset {options.preset}, network: {network.kind}{why}", flush=True)
    world = World(options.program, network, options.preset)
    watchdog = Watchdog()
    rows = []
    try:
        rows = SCENARIOS[scenario](world, options)
    except (TooLate, AssertionError, networks.Refused) as late:
        world.complain(str(late))
    except (OSError, KeyError) as error:  # an agent that ended or did not answer: the diagnostics tell which
        world.complain(f"{type(error).__name__}: {error}")
    try:
        for row in rows:
            print("row " + json.dumps(row) if options.rows else "  " + as_line(row), flush=True)
        for text in world.complaints:
            print(f"FAILED {scenario}: {text}")
        if world.complaints:
            world.diagnose()
        print(watchdog.verdict())
    finally:
        world.close()
        network.close()
    return not world.complaints


# --- the command ------------------------------------------------------------------------------------------------------

GIVEN = {"rounds": 1, "preset": "lan", "loss": 20, "seconds": 0, "network": "auto"}  # unless told otherwise


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("scenario", nargs="+", choices=[*SCENARIOS, "all", "long"])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--preset", choices=list(CRASH_LIMITS))
    parser.add_argument("--loss", type=int, help="per cent")
    parser.add_argument("--seconds", type=int, help="of loss, or of the partition")
    parser.add_argument("--network", choices=["auto", "namespaces", "proxy", "loopback"])
    parser.set_defaults(**GIVEN)
    parser.add_argument("--rows", action="store_true", help="results as lines of JSON, for `all`")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} is not a program: build it with scripts/test, or give another path")
    if options.rounds < 1 or not 1 <= options.loss <= 100 or options.seconds < 0:
        parser.error("--rounds from 1, --loss from 1 to 100, --seconds from 0")
    if options.preset != "lan" and "--preset" not in agent_help(options.program):
        parser.error("this quorumor's agent has no --preset")
    return options


def main():
    end_well_on_signals()
    options = parse()
    if options.scenario in (["all"], ["long"]):
        return run_many(os.path.abspath(__file__), options.program, SHORT if options.scenario == ["all"] else LONG)
    if len(options.scenario) > 1:  # each needs a process of its own: a process enters a network namespace once
        given = [f"--{name}={getattr(options, name)}" for name, usual in GIVEN.items()
                 if getattr(options, name) != usual]
        plan = [[scenario, *given] for scenario in options.scenario]
        return run_many(os.path.abspath(__file__), options.program, plan)
    return run_one(options, options.scenario[0])


if __name__ == "__main__":
    try:
        sys.exit(0 if main() else 1)
    except KeyboardInterrupt:
        sys.exit(130)
