#!/usr/bin/env python3
"""What an idle agent of a cluster of five costs: resident memory and CPU time, printed; fails over the stated bounds.

    footprint.py PATH_TO_QUORUMOR [SECONDS] [MAX_RESIDENT_MB] [MAX_CPU_MS_PER_S]

With SECONDS = 1200 it is the soak: twenty idle minutes without a suspicion.
"""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agents import Place, cpu_seconds, resident_kib  # noqa: E402


def main():
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    most_mb = float(sys.argv[3]) if len(sys.argv) > 3 else 11
    most_ms = float(sys.argv[4]) if len(sys.argv) > 4 else 1.0
    place = Place(os.path.abspath(sys.argv[1]))
    try:
        names, took = place.cluster(5)
        print(f"all see all after {took:.2f} s")
        time.sleep(5)
        before = {n: cpu_seconds(place.agents[n].pid) for n in names}
        time.sleep(seconds)
        worst_mb = worst_ms = 0.0
        for n in names:
            mb = resident_kib(place.agents[n].pid) * 1024 / 1e6
            ms = (cpu_seconds(place.agents[n].pid) - before[n]) * 1000 / seconds
            worst_mb, worst_ms = max(worst_mb, mb), max(worst_ms, ms)
            print(f"{n}: {mb:.1f} MB resident, {ms:.2f} ms CPU a second")
        for n in names:
            for m in place.states(n).values():
                # A suspicion would have begun a new state, and its refutation a new incarnation.
                quiet = m["state"] == "alive" and m["incarnation"] == "1" and int(m["since_ms"]) >= seconds * 1000
                if not quiet:
                    print(f"{n} saw {m['name']} change in an idle cluster: {m}")
                    return 1
        if worst_mb > most_mb or worst_ms > most_ms:
            print(f"over the bound of {most_mb} MB or {most_ms} ms/s")
            return 1
        return 0
    finally:
        place.close()


sys.exit(main())
