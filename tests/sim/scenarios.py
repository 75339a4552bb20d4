#!/usr/bin/env python3
"""Runs every scenario that comes with quorumor-sim, in each arm that it expects something of, and demands exit code 0.

    scenarios.py PATH_TO_QUORUMOR_SIM FOLDER_OF_SCENARIOS

Those of more than 40 members run once, the others as often as they say. Folder paper/ is left out: those are sized as
published, and scripts/figures runs them.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tomllib

MEMBERS_FEW = 40


def arms(scenario):
    yield "quorumor"
    if "expect_undefended" in scenario:
        yield "swim+lifeguard"


def jobs(folder):
    for file in sorted(folder.rglob("*.toml")):
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name.startswith("paper/"):
            continue
        scenario = tomllib.loads(file.read_text())
        for arm in arms(scenario):
            words = ["run", name, "--quiet", "--jobs", "1", "--set", f"cluster.protocol={arm}"]
            if scenario["cluster"]["nodes"] > MEMBERS_FEW:
                words += ["--runs", "1"]
            yield words


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    run = lambda words: (words, subprocess.run([program, *words], capture_output=True, text=True))
    count = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for words, done in pool.map(run, jobs(folder)):
            count += 1
            if done.returncode != 0:
                failed += 1
                print(f"exit {done.returncode}: quorumor-sim {' '.join(words)}\n{done.stdout}{done.stderr}")
    print(f"{count} scenarios and arms, {failed} not passed")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
