// A scenario: a cluster, its network, what happens to both, who lies, what is checked and expected. A plain struct that
// a TOML file (scenario_file.h), the swarm (run/swarm.h) and tests fill alike. Everything that chance decides in it is
// drawn from the run's seed.
#pragma once

#include "crypto/announcement.h"
#include "node/core/config.h"
#include "sim/net/network_model.h"

#include <string>
#include <vector>

namespace quorumor::sim {

// The arms of an experiment. All but the last are the same object code as the daemon's.
enum class Protocol : std::uint8_t {
  quorumor,        // observers, k witnesses, last looks
  swim_lifeguard,  // defense off: what memberlist does
  swim,            // and without Lifeguard's three components
  heartbeat        // gossip-style heartbeats with T_fail and T_cleanup (van Renesse, Minsky, Hayden 1998)
};
const char* to_string(Protocol protocol) noexcept;

// Lifeguard's components (Dadgar, Phillips, Currey 2018), for its own table. Only with swim_lifeguard.
struct Lifeguard {
  bool probe = true;      // LHA-Probe: timeouts scale with local health
  bool suspicion = true;  // LHA-Suspicion: the window shrinks as others confirm
  bool buddy = true;      // Buddy System: a ping tells a suspect that it is suspected
  friend bool operator==(const Lifeguard&, const Lifeguard&) = default;
};

// Who: resolved when it is needed, against those who exist then.
//   "all"  "none"  "n3"  "n1..n5, n9"  "25%"  "7 random"  "4 observers of n3" (the best-ranked under the newest epoch)
// Shares and numbers draw among members that run, that do not lie, and that are not named elsewhere by the same word.
struct Picks {
  enum class Kind : std::uint8_t { none, all, listed, share, number, observers };
  Kind kind = Kind::none;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;  // listed: first and last
  std::uint32_t ppm = 0;                                    // share
  std::size_t count = 0;                                    // number, observers
  std::size_t subject = 0;                                  // observers
  std::string text;                                         // as it was written
};

enum class Start : std::uint8_t {
  formed,    // everybody knows everybody already (sim/formed.h)
  together,  // n0 bootstraps; all others start at once and join by n0
  staggered  // one after another, `stagger` apart
};

struct ClusterPart {
  std::size_t nodes = 20;
  Protocol protocol = Protocol::quorumor;
  Lifeguard lifeguard;
  Config config;                      // a preset, with the scenario's own changes
  ClusterParameters parameters;       // beta, epsilon, suite; `defense` follows from the protocol
  Start start = Start::formed;
  Duration stagger = std::chrono::milliseconds(100);
  std::size_t joins_by = 1;           // how many seeds each is given: n0, n1, ...
  std::size_t zones = 1;              // members are dealt out to them in turn; a zone has one /16 of its own
  std::size_t links_active = 0;       // how many peers' keys each holds at once; 0: as many as there are
  Duration t_fail = std::chrono::seconds(5);     // heartbeat
  Duration t_cleanup = std::chrono::seconds(10);
};

struct ZoneLink {
  std::uint32_t from = 0, to = 0;  // both directions
  LinkProfile profile;
};

struct Action {
  enum class What : std::uint8_t {
    crash,      // without a word; the disk stays
    restart,    // of the crashed among them, with their disks; with `wipe`, without
    leave,
    pause,      // for `lasts`
    block,      // for `lasts`: messages wait, timers run on
    join,       // new members: `count` of them, by `peers`, else by `joins_by` honest members that run then
    churn,      // each `every`, one of `who` crashes; it starts again `lasts` later
    cut,        // between `who` and `peers` (default: all others), for `lasts` or to the end; one_way: from `who`
    flip_flop,  // the same links, open and shut by turns
    degrade,    // links between `who` and `peers` get `profile`; one_way: from `who` only
    mend,       // undoes every cut, flip-flop and degradation
    skew,       // wall clocks of `who`, by `offset`
    event,      // each of `who` broadcasts one user event
    rotate,     // a keymaster begins the next epoch
    retire,     // and has all that are older than its newest retire
    revoke      // the authority revokes them, by some other running member
  };
  What what = What::crash;
  Duration at{};                       // from the beginning of the measured time
  std::optional<Duration> every;       // again and again, until `until`
  std::optional<Duration> until;
  Picks who, peers;
  std::optional<Duration> lasts;
  Duration offset{};                   // skew
  Duration open = std::chrono::seconds(20), shut = std::chrono::seconds(20);  // flip_flop
  bool one_way = false, wipe = false, behind = false;
  std::size_t count = 0;               // join
  std::size_t size = 16;               // event: bytes of payload
  LinkProfile profile;                 // degrade
  unsigned line = 0;                   // in the file, for messages
};
const char* to_string(Action::What what) noexcept;

// One behaviour of one group of liars (or of outsiders, who are nobody's members); sim/adversary says which there are.
struct AdversaryPart {
  std::string behaviour;
  Picks who;                           // members that lie; none for outsiders
  Picks target;                        // whom it aims at; none: whomever the behaviour likes
  Duration from{};                     // of the measured time
  std::optional<Duration> until;       // else to the end of it
  std::uint32_t rate = 10;             // acts a second and liar
  std::uint32_t share_ppm = 500'000;   // of what a selective one drops
  Duration delay = std::chrono::seconds(1);
  std::size_t count = 0;               // by behaviour: Sybils, prefixes ...
  unsigned line = 0;
};

struct CheckPart {
  bool safety = true;
  bool liveness = true;                // heal at the end, and wait
  std::optional<Duration> within;      // for liveness; else computed (check/liveness.h)
};

// "false_deaths" "= 0", "<= 3", "> 0", "1.4..1.8"; names are those of measure/figures.h.
struct Expectation {
  std::string figure;
  double least = -1e300, most = 1e300;
  std::string text;
  unsigned line = 0;
};

struct Scenario {
  std::string name = "unnamed";
  std::string description;
  std::uint64_t seed = 1;
  unsigned runs = 1;
  Duration warm_up = std::chrono::seconds(5);
  Duration duration = std::chrono::seconds(60);
  ClusterPart cluster;
  LinkProfile network;                 // everywhere
  std::vector<ZoneLink> zone_links;
  std::vector<Action> actions;
  std::vector<AdversaryPart> adversaries;
  CheckPart check;
  std::vector<Expectation> expect;             // protocol quorumor
  std::vector<Expectation> expect_undefended;  // any other protocol
};

}  // namespace quorumor::sim
