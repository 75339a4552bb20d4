"""Several scenarios of detector.py at a time, each in a process of its own, and a table of all results in the end."""
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from agents import die_with_parent

SLEEPS = [["pause"], ["oversleep"], ["hiccup"]]
CUTS = [["partition"], ["partition", "--network=proxy"], ["crash-in-loss", "--network=proxy"]]
SHORT = [["crash"], ["crash", "--preset", "local"], ["loss"], *SLEEPS, ["crash-in-loss"], *CUTS]
LONG = [["loss", "--seconds", "600"], ["crash", "--rounds", "20"], ["crash-in-loss", "--rounds", "10"],
        ["crash", "--preset", "wan", "--rounds", "3"], ["crash", "--preset", "local", "--rounds", "20"], *SLEEPS, *CUTS]
AT_ONCE = 4  # idle agents cost little; more would let their rare bursts meet


def as_line(row):
    what, measured, limit = row
    return f"{what:<58} {measured:>14}   {'limit ' + limit if limit else ''}".rstrip()


def follow(child, title, rows, others):
    for line in child.stdout:
        if line.startswith("row "):
            rows.append(json.loads(line[4:]))
        else:
            others.append(line)
            print(f"[{title}] {line}", end="", flush=True)
    return child.wait()


def run_many(script, program, plan):
    """Runs each in a process of its own, prints what they say as they say it, and a table in the end."""
    children = []
    results = {}

    def one(words):
        title = " ".join(words).replace("--", "")
        child = subprocess.Popen([sys.executable, script, program, *words, "--rows"],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 preexec_fn=die_with_parent)
        children.append(child)
        rows, said = [], []
        code = follow(child, title, rows, said)
        results[tuple(words)] = (title, code, rows, said)

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for done in [pool.submit(one, words) for words in plan]:
                    done.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for child in children:
                    child.terminate()
                raise
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
                child.wait()
    print()
    for words in plan:
        title, code, rows, _ = results[tuple(words)]
        for row in rows:
            print(("  " if code == 0 else "! ") + as_line(row) + ("  (proxy)" if "proxy" in title else ""))
    failed = [results[tuple(words)][0] for words in plan if results[tuple(words)][1] != 0]
    for title in failed:
        print(f"FAILED: {title}; its agents' last events are above")
    print("all limits held" if not failed else f"{len(failed)} of {len(plan)} did not hold their limits")
    return not failed
