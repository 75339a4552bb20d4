"""docs/figures and the tables of docs/EVIDENCE.md.

  figures.py RAW NAME COMMAND   takes what quorumor-sim wrote (RAW/NAME*.json) into docs/figures/NAME.json, then draws
  figures.py                    draws only: plots and tables from the data in docs/figures

Tables stand between <!-- table NAME --> and <!-- end -->, so that no number in them is written by hand.
"""
import glob
import json
import math
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
DATA = os.path.join(ROOT, "docs", "figures")
EVIDENCE = os.path.join(ROOT, "docs", "EVIDENCE.md")
COLOURS = ["#1b6ca8", "#c8553d", "#2e8b57", "#8a5fbf", "#b8860b", "#555555"]
ARMS = ["swim", "swim+lifeguard", "quorumor"]

# What is kept of each experiment: figures of RunResult, pooled over the runs of a point.
KEPT = {
    "heartbeat": ["false_deaths", "undetected", "messages_sent_period", "bytes_sent", "first_detection_s",
                  "full_detection_s"],
    "load": ["messages_sent_period", "messages_sent", "messages_received", "bytes_sent", "suspicions"],
    "first": ["failed_probe_periods", "first_suspicion_s", "first_detection_s", "full_detection_s", "dissemination_s",
              "undetected", "false_deaths"],
    "dissemination": ["event_delivery_s", "event_first_half_s", "event_missed_share", "false_deaths"],
    "lifeguard": ["bystander_deaths", "bystander_deaths_between", "false_deaths", "suspicions", "messages_sent",
                  "bytes_sent", "violations"],
    "rapid": ["removed_all_s", "flaps", "sizes_seen", "bystander_deaths", "bystander_deaths_between", "false_deaths",
              "suspicions", "messages_sent", "violations"],
    "bootstrap": ["join_all_s", "join_s", "sizes_seen", "messages_sent", "false_deaths"],
    "half-lost": ["full_detection_s", "event_delivery_s", "event_missed_share", "join_s", "undetected",
                  "bystander_deaths", "suspicions", "messages_sent", "bytes_sent", "settle_s", "violations"],
    "half-crash": ["first_detection_s", "full_detection_s", "undetected", "false_deaths", "messages_sent",
                   "messages_worst", "violations"],
}


# --- data ---

def take(raw, name, command):
    paths = sorted(p for p in glob.glob(os.path.join(raw, name + "*.json"))
                   if re.match(re.escape(name) + r"([.-].*)?\.json$", os.path.basename(p)))
    out = {"command": command, "points": []}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            given = json.load(file)
        part = os.path.basename(path)[:-len(".json")][len(name):].lstrip(".-")
        if name == "rounds":
            out["points"] += [dict(p, fanout=given["fanout"], loss=given["loss_percent"]) for p in given["points"]]
            continue
        for point in given["points"]:
            figures = {k: {s: rounded(v) for s, v in point["summary"][k].items() if s not in ("p90", "p99")}
                       for k in KEPT[name] if k in point["summary"] and point["summary"][k]["count"]}
            out["points"].append({"part": part, "at": {o["key"]: o["value"] for o in point["at"]},
                                  "protocol": point["protocol"], "nodes": point["nodes"], "runs": len(point["runs"]),
                                  "duration_s": point["duration_s"], "figures": figures})
    os.makedirs(DATA, exist_ok=True)
    with open(os.path.join(DATA, name + ".json"), "w", encoding="utf-8") as file:
        points = ",\n  ".join(json.dumps(p, sort_keys=True) for p in out["points"])
        file.write('{"command": %s, "points": [\n  %s\n]}\n' % (json.dumps(command), points))


def rounded(value):
    return value if value is None or value == int(value) else float("%.5g" % value)


def data(name):
    path = os.path.join(DATA, name + ".json")
    if not os.path.exists(path):
        return {"command": "", "points": []}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def value(point, figure, statistic="mean"):
    found = point["figures"].get(figure) if point else None
    return found[statistic] if found else None


def find(points, **wanted):
    return next((p for p in points if all(p.get(k) == v for k, v in wanted.items())), None)


# --- plots: plain SVG, by hand ---

class Axis:
    """Data to pixels, with ticks that people expect."""

    def __init__(self, values, log, first, last):
        self.log, self.first, self.last = log, first, last
        low, high = (min(values), max(values)) if values else (1, 10)
        if log:
            self.low, self.high = math.log10(low), math.log10(high)
            decades = range(math.floor(self.low), math.ceil(self.high) + 1)
            steps = (1, 3) if self.high - self.low < 4 else (1,)
            self.ticks = [m * 10 ** d for d in decades for m in steps]
            if self.high == self.low:
                self.high += 1
        else:
            self.low, self.high = 0, (high or 1) * 1.08
            step = 10 ** math.floor(math.log10(self.high))
            step = next(s for s in (step / 5, step / 2, step, step * 2) if self.high / s <= 7)
            self.ticks = [i * step for i in range(int(self.high / step) + 1)]
        self.ticks = [t for t in self.ticks if self.low - 1e-9 <= (math.log10(t) if log else t) <= self.high + 1e-9]

    def at(self, x):
        x = math.log10(x) if self.log else x
        return self.first + (x - self.low) / (self.high - self.low) * (self.last - self.first)


def number(x):
    return f"{x:,.0f}" if x == int(x) else f"{x:g}"


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def plot(name, title, x_label, y_label, series, log_x=True, log_y=False):
    """series: (label, [(x, y)], style); style "line", "dash" (theory) or "point" (published)."""
    series = [(label, [p for p in points if p[1] is not None and (p[1] > 0 or not log_y)], style)
              for label, points, style in series]
    series = [s for s in series if s[1]]
    if not series:
        return
    width, height, left, top, bottom = 760, 400, 70, 46, 54
    right = width - 210
    xs = [x for _, points, _ in series for x, _ in points]
    ys = [y for _, points, _ in series for _, y in points]
    across, up = Axis(xs, log_x, left, right), Axis(ys, log_y, height - bottom, top)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
           f'height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>',
           f'<text x="{left}" y="24" font-size="15" font-weight="bold">{escape(title)}</text>']
    for t in up.ticks:
        y = up.at(t)
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#e4e4e4"/>'
                   f'<text x="{left - 7}" y="{y + 4:.1f}" text-anchor="end">{number(t)}</text>')
    for t in across.ticks:
        x = across.at(t)
        out.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{height - bottom}" stroke="#f0f0f0"/>'
                   f'<text x="{x:.1f}" y="{height - bottom + 18}" text-anchor="middle">{number(t)}</text>')
    out.append(f'<path d="M{left} {top}V{height - bottom}H{right}" fill="none" stroke="#333"/>'
               f'<text x="{(left + right) / 2}" y="{height - 12}" text-anchor="middle">{escape(x_label)}</text>'
               f'<text transform="translate(16 {(top + height - bottom) / 2}) rotate(-90)" '
               f'text-anchor="middle">{escape(y_label)}</text>')
    for index, (label, points, style) in enumerate(series):
        colour, y = COLOURS[index % len(COLOURS)], top + 10 + 22 * index
        spots = [(across.at(px), up.at(py)) for px, py in sorted(points)]
        dash = ' stroke-dasharray="6 4"' if style == "dash" else ""
        wide = 2 if dash else max(2, 6 - 2 * index)  # equal curves lie on one another: all are seen
        if style != "point":
            path = "L".join(f"{px:.1f} {py:.1f}" for px, py in spots)
            out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{wide}"{dash}/>'
                       f'<path d="M{right + 14} {y}h22" stroke="{colour}" stroke-width="{wide}"{dash}/>')
        for px, py in spots + ([(right + 25, y)] if style != "dash" else []):
            if style == "line":
                out.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>')
            if style == "point":
                out.append(f'<path d="M{px:.1f} {py - 6:.1f}l6 6l-6 6l-6-6z" fill="none" stroke="{colour}" '
                           'stroke-width="2"/>')
        out.append(f'<text x="{right + 42}" y="{y + 4}">{escape(label)}</text>')
    out.append("</svg>")
    with open(os.path.join(DATA, name + ".svg"), "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


def curve(points, figure, statistic="mean", **wanted):
    return [(p["nodes"], value(p, figure, statistic)) for p in points
            if all(p.get(k) == v for k, v in wanted.items())]


def draw():
    load, first, beat = (data(n)["points"] for n in ("load", "first", "heartbeat"))
    sizes = sorted({p["nodes"] for p in load + first}) or [10, 1000]
    usual = [p for p in beat if p["at"].get("cluster.t_fail") == "35s"]
    flat = [(n, 2.0) for n in sizes]
    plot("load-messages", "Datagrams sent a member and period, nothing happening", "members", "datagrams",
         [(a, curve(load, "messages_sent_period", protocol=a), "line") for a in ARMS]
         + [("heartbeat", curve(usual, "messages_sent_period"), "line"), ("SWIM, published", flat, "point")])
    plot("load-bytes", "Bytes sent a member and second, nothing happening", "members", "bytes/s",
         [(a, curve(load, "bytes_sent", protocol=a), "line") for a in ARMS]
         + [("heartbeat", curve(usual, "bytes_sent"), "line")], log_y=True)
    plot("first-detection", "Period in which a crashed member is first probed (mean)", "members", "periods",
         [(a, curve(first, "failed_probe_periods", protocol=a), "line") for a in ARMS]
         + [("e/(e-1), published", [(n, math.e / (math.e - 1)) for n in sizes], "point")])
    plot("full-detection", "Crash to death at every member (mean)", "members", "seconds",
         [(a, curve(first, "full_detection_s", protocol=a), "line") for a in ARMS]
         + [("heartbeat, least safe t_fail", [(n, value(p, "full_detection_s")) for n, p in least_safe(beat)], "line")])
    spread, rounds = data("dissemination")["points"], data("rounds")["points"]
    clean = [p for p in spread if p["at"]["network.loss"] == "0%"]
    lossy = [p for p in spread if p["at"]["network.loss"] == "10%"]
    model = [(p["nodes"], 0.2 * mean(p["rounds"])) for p in rounds if (p["spread"], p["fanout"]) == ("push", 3)
             and p["loss"] == 0]
    plot("dissemination", "A user event, from its broadcast to everybody (mean)", "members", "seconds",
         [("quorumor", curve(clean, "event_delivery_s"), "line"),
          ("quorumor, 10 % lost", curve(lossy, "event_delivery_s"), "line"),
          ("push, fan-out 3, 0.2 s a round", model, "dash")])
    kinds = [(s, [(p["nodes"], mean(p["rounds"])) for p in rounds if p["spread"] == s and p["fanout"] == 1], "line")
             for s in ("push", "pull", "push-pull")]
    plot("rounds", "Rounds until everybody knows, one call a round", "members", "rounds",
         kinds + [("log2 n + ln n", [(n, math.log2(n) + math.log(n)) for n, _ in kinds[0][1]], "dash")])


def mean(values):
    return sum(values) / len(values)


# --- tables ---

def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(show(c) for c in row) + " |" for row in rows])


def show(cell):
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    if cell == int(cell):
        return f"{int(cell):,}"
    return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.3g}"


def seconds(cell):
    return "never" if cell == -1 else cell


def least_safe(beat):
    """For each size: the point of the least t_fail that declared nobody dead who lived, and missed nobody."""
    safe = {}
    for p in sorted(beat, key=lambda p: int(p["at"]["cluster.t_fail"][:-1])):
        if value(p, "false_deaths", "max") == 0 and value(p, "undetected", "max") == 0:
            safe.setdefault(p["nodes"], p)
    return sorted(safe.items())


def table_load():
    points, beat = data("load")["points"], data("heartbeat")["points"]
    rows = []
    for n in sorted({p["nodes"] for p in points}):
        arms = [find(points, nodes=n, protocol=a) for a in ARMS]
        old = next((p for p in beat if p["nodes"] == n and p["at"]["cluster.t_fail"] == "35s"), None)
        rows.append([n] + [value(p, "messages_sent_period") for p in arms] + [value(old, "messages_sent_period")]
                    + [value(arms[2], "bytes_sent"), value(old, "bytes_sent")])
    return table(["members"] + [f"{a}, datagrams a period" for a in ARMS]
                 + ["heartbeat, datagrams", "quorumor, B/s", "heartbeat, B/s"], rows)


def table_first():
    points = data("first")["points"]
    rows = []
    for p in sorted(points, key=lambda p: (p["nodes"], ARMS.index(p["protocol"]))):
        rows.append([p["nodes"], p["protocol"], value(p, "failed_probe_periods", "count"),
                     value(p, "failed_probe_periods"), value(p, "first_suspicion_s"), value(p, "first_detection_s"),
                     value(p, "full_detection_s"), value(p, "undetected"), value(p, "false_deaths")])
    return table(["members", "protocol", "crashes", "first probed, period", "first suspicion, s", "first death, s",
                  "all know, s", "undetected a run", "false deaths a run"], rows)


def table_heartbeat():
    beat = data("heartbeat")["points"]
    return table(["members", "least t_fail without a mistake", "all know, s", "datagrams a period", "B/s"],
                 [[n, p["at"]["cluster.t_fail"], value(p, "full_detection_s"), value(p, "messages_sent_period"),
                   value(p, "bytes_sent")] for n, p in least_safe(beat)])


def table_dissemination():
    rows = []
    rounds = data("rounds")["points"]
    for p in sorted(data("dissemination")["points"], key=lambda p: (p["at"]["network.loss"], p["nodes"])):
        loss = p["at"]["network.loss"]
        model = find(rounds, nodes=p["nodes"], spread="push", fanout=3, loss=float(loss[:-1]))
        taken = value(p, "event_delivery_s")
        rows.append([p["nodes"], loss, value(p, "event_delivery_s", "count"), value(p, "event_first_half_s"), taken,
                     value(p, "event_delivery_s", "max"), taken / 0.2 if taken else None,
                     mean(model["rounds"]) if model else None, value(p, "event_missed_share")])
    return table(["members", "loss", "events", "half, s", "all, s", "all, worst", "all, gossip intervals",
                  "model: push, fan-out 3, rounds", "missed"], rows)


def table_rounds():
    points = [p for p in data("rounds")["points"] if p["fanout"] == 1]
    rows = []
    for n in sorted({p["nodes"] for p in points}):
        means = [mean(find(points, nodes=n, spread=s)["rounds"]) for s in ("push", "pull", "push-pull")]
        rows.append([n, math.log2(n) + math.log(n)] + means)
    return table(["members", "log2 n + ln n", "push", "pull", "push-pull"], rows)


LIFEGUARD = [("swim", "SWIM", 339002, 1326), ("probe", "+ LHA-Probe", 229574, 436),
             ("suspicion", "+ LHA-Suspicion", 10174, 89), ("buddy", "+ Buddy System", 318935, 591),
             ("all", "all: Lifeguard", 5193, 25), ("quorumor", "quorumor", None, None)]


def table_lifeguard():
    points = data("lifeguard")["points"]
    settings = lambda p: (p["part"].split(".", 1)[1], p["at"].get("action.1.who"))
    arms = {arm: [p for p in points if p["part"].split(".")[0] == arm] for arm, *_ in LIFEGUARD}
    common = set.intersection(*(set(map(settings, a)) for a in arms.values()))
    total = lambda arm, f: sum(value(p, f) * p["runs"] for p in arms[arm] if settings(p) in common)
    relative = lambda a, b: f"{100 * a / b:.3g} %" if a is not None and b else "-"
    base = {f: total("swim", f) for f in ("bystander_deaths", "bystander_deaths_between", "messages_sent", "bytes_sent")}
    rows = []
    for arm, label, fp, healthy in LIFEGUARD:
        ours, ours_healthy = total(arm, "bystander_deaths"), total(arm, "bystander_deaths_between")
        rows.append([label, ours, relative(ours, base["bystander_deaths"]), relative(fp, LIFEGUARD[0][2]), ours_healthy,
                     relative(ours_healthy, base["bystander_deaths_between"]), relative(healthy, LIFEGUARD[0][3]),
                     total(arm, "suspicions"), relative(total(arm, "messages_sent"), base["messages_sent"]),
                     relative(total(arm, "bytes_sent"), base["bytes_sent"])])
    told = ", ".join(sorted(f"{who} {pair.split('.')[0]}/{pair.split('.')[1]} ms" for pair, who in common))
    return (table(["", "FP", "of SWIM", "published", "FP-", "of SWIM", "published", "suspicions", "datagrams", "bytes"],
                  rows) + f"\n\nSummed over the blocked members and D/I: {told}; "
            f"{points[0]['nodes']} members, one run of {points[0]['duration_s']:.0f} s each." if points else "")


def table_rapid(scenario):
    points = [p for p in data("rapid")["points"] if p["part"] == scenario]
    return table(["protocol", "members", "all of the 1 % removed, s", "changes of state", "sizes seen",
                  "false deaths of the 99 %", "of the 1 %", "suspicions", "datagrams/s"],
                 [[p["protocol"], p["nodes"], seconds(value(p, "removed_all_s")), value(p, "flaps"),
                   value(p, "sizes_seen"), value(p, "bystander_deaths"),
                   value(p, "false_deaths") - value(p, "bystander_deaths"), value(p, "suspicions"),
                   value(p, "messages_sent")] for p in points])


def table_bootstrap():
    return table(["protocol", "members", "everybody sees everybody, s", "a member's own join, mean, s", "sizes seen",
                  "datagrams/s"],
                 [[p["protocol"], p["nodes"], seconds(value(p, "join_all_s")), value(p, "join_s"),
                   value(p, "sizes_seen"), value(p, "messages_sent")] for p in data("bootstrap")["points"]])


def table_half_lost():
    return table(["protocol", "members", "crash known by all, s: mean", "worst", "undetected", "event everywhere, s",
                  "events missed", "join known by all, s", "false deaths", "suspicions", "datagrams/s"],
                 [[p["protocol"], p["nodes"], value(p, "full_detection_s"), value(p, "full_detection_s", "max"),
                   value(p, "undetected"), value(p, "event_delivery_s"), value(p, "event_missed_share"),
                   value(p, "join_s", "max"), value(p, "bystander_deaths"), value(p, "suspicions"),
                   value(p, "messages_sent")] for p in data("half-lost")["points"]])


def table_half_crash():
    return table(["protocol", "members", "first death, s", "a crash known by all, mean, s", "the last", "undetected",
                  "false deaths", "datagrams/s", "of the busiest"],
                 [[p["protocol"], p["nodes"], value(p, "first_detection_s", "min"), value(p, "full_detection_s"),
                   value(p, "full_detection_s", "max"), value(p, "undetected"), value(p, "false_deaths"),
                   value(p, "messages_sent"), value(p, "messages_worst")] for p in data("half-crash")["points"]])


TABLES = {
    "load": table_load, "first": table_first, "heartbeat": table_heartbeat, "dissemination": table_dissemination,
    "rounds": table_rounds, "lifeguard": table_lifeguard, "rapid flip-flop": lambda: table_rapid("flip-flop"),
    "rapid heavy-loss": lambda: table_rapid("heavy-loss"), "bootstrap": table_bootstrap, "half-lost": table_half_lost,
    "half-crash": table_half_crash,
}


def write_tables():
    with open(EVIDENCE, encoding="utf-8") as file:
        text = file.read()

    def fill(found):
        given = data(found.group(1).split()[0])
        if not given["points"]:
            return found.group(0)
        body = TABLES[found.group(1)]() + f"\n\nMade by `{given['command']}`."
        return f"<!-- table {found.group(1)} -->\n{body}\n<!-- end -->"

    text = re.sub(r"<!-- table ([a-z -]+) -->.*?<!-- end -->", fill, text, flags=re.S)
    with open(EVIDENCE, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    if len(sys.argv) == 4:
        take(*sys.argv[1:])
    elif len(sys.argv) != 1:
        sys.exit("usage: figures.py [RAW NAME COMMAND]")
    draw()
    if os.path.exists(EVIDENCE):
        write_tables()


if __name__ == "__main__":
    main()
