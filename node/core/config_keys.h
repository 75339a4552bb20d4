// The table of the core's settings: each member of Config with its name, range and reason to change it. The check of
// ranges, the parser of configuration files, their example and what `quorumor config show` prints are all driven by
// it, so that a setting cannot be checked but not documented, or documented but not read. A member of Config that
// is missing here does not compile.
#pragma once

#include "base/field_count.h"
#include "node/core/config.h"

#include <span>
#include <string_view>
#include <variant>

namespace quorumor {

struct ConfigKey {
  using Member = std::variant<Duration Config::*, unsigned Config::*, std::size_t Config::*, bool Config::*>;
  std::string_view name;
  Member member;
  std::int64_t least, most;  // nanoseconds where the member is a Duration; 0 and 1 where it is a bool
  std::string_view doc;      // what it does and why one would change it; sentences, for who runs nodes

  constexpr ConfigKey(std::string_view n, Duration Config::*m, Duration from, Duration to, std::string_view d)
      : name(n), member(m), least(from.count()), most(to.count()), doc(d) {}
  constexpr ConfigKey(std::string_view n, unsigned Config::*m, std::int64_t from, std::int64_t to, std::string_view d)
      : name(n), member(m), least(from), most(to), doc(d) {}
  constexpr ConfigKey(std::string_view n, std::size_t Config::*m, std::int64_t from, std::int64_t to,
                      std::string_view d)
      : name(n), member(m), least(from), most(to), doc(d) {}
  constexpr ConfigKey(std::string_view n, bool Config::*m, std::string_view d)
      : name(n), member(m), least(0), most(1), doc(d) {}

  bool is_duration() const noexcept { return std::holds_alternative<Duration Config::*>(member); }
  bool is_flag() const noexcept { return std::holds_alternative<bool Config::*>(member); }
  std::int64_t read(const Config& config) const noexcept;  // in the unit of `least`; more than fits is the most
  void write(Config& config, std::int64_t value) const noexcept;  // requires: least <= value <= most
  bool allows(std::int64_t value) const noexcept { return value >= least && value <= most; }
  std::string text(std::int64_t value) const;  // "500ms", "4", "true"
  std::string range() const;                   // "20ms to 1m", "0 to 16", "true or false"
};

inline constexpr ConfigKey kConfigKeys[] = {
    {"probe_interval", &Config::probe_interval, 20ms, 60s,
     "One member is probed each period. Shorter finds failures sooner and costs more datagrams; longer suits slow or "
     "metered links."},
    {"probe_timeout", &Config::probe_timeout, 5ms, 30s,
     "How long a ping may go unanswered before relays are asked; at most half of probe_interval. It is used as it is "
     "while a member's round trips are unknown, and bounds what is learned from them. Raise it with probe_interval "
     "where round trips are long."},
    {"probe_timeout_min", &Config::probe_timeout_min, 1ms, 30s,
     "The least that measured round trips make of probe_timeout. Raise it if machines stall for longer than this "
     "(busy hosts, garbage collection) and members are probed by relays for nothing."},
    {"indirect_probes", &Config::indirect_probes, 0, 16,
     "How many relays are asked when a ping goes unanswered; 0 asks none. More forgives more loss, and costs a "
     "few datagrams a failed probe."},
    {"suspicion_mult", &Config::suspicion_mult, 1, 100,
     "How long a suspected member has to refute: this times probe_interval times the logarithm (base 10, at least "
     "1) of the number of members. Raise it if healthy members are declared dead, lower it to be told sooner."},
    {"retransmit_mult", &Config::retransmit_mult, 1, 32,
     "How often a node passes each rumor on: this times the logarithm of the number of members. Raise it on lossy "
     "networks."},
    {"stream_probe", &Config::stream_probe,
     "Whether an unanswered member is tried by TLS over TCP beside the relays. It keeps members alive where UDP is "
     "blocked; set it to false to have lost UDP count as a failure."},
    {"gossip_interval", &Config::gossip_interval, 10ms, 10s,
     "How often rumors go out when there are some. Shorter spreads news faster."},
    {"gossip_interval_min", &Config::gossip_interval_min, 1ms, 10s,
     "When rumors pile up the interval shrinks down to this. Set it to gossip_interval to keep the pace fixed."},
    {"gossip_bandwidth", &Config::gossip_bandwidth, 4096, 1'000'000'000,
     "Bytes a second: the interval shrinks only while this node's gossip sends less. Lower it on metered "
     "links."},
    {"gossip_fanout", &Config::gossip_fanout, 1, 16,
     "To how many members rumors go each time. More spreads news faster and costs as much more."},
    {"sync_interval", &Config::sync_interval, 1s, 1h,
     "The shortest time between two full exchanges that this node starts with one peer. Longer saves bandwidth where "
     "the member list is long."},
    {"sync_patience", &Config::sync_patience, 100ms, 10min,
     "How long two member lists must differ before a full exchange: gossip usually settles it first. Longer in "
     "clusters that change all the time."},
    {"rejoin_interval", &Config::rejoin_interval, 1s, 1h,
     "How often the addresses of `join` that are not members are tried again, and some of the members that are held "
     "for dead. Shorter heals a partition sooner."},
    {"stream_deadline", &Config::stream_deadline, 100ms, 60s,
     "How long a TLS connection may take until its peer has proven who it is. Longer for very slow links; shorter "
     "frees the places of strangers sooner."},
    {"sync_deadline", &Config::sync_deadline, 1s, 10min,
     "How long a whole exchange of member lists may take. Longer for large clusters on slow links."},
    {"rotate_interval", &Config::rotate_interval, 0s, 8760h,
     "How often a node whose credential has the role keymaster changes the cluster's key by itself; 0s means never. "
     "Other nodes ignore it. Give all keymasters the same: they stand in for one another. Shorter limits what a stolen "
     "key is good for."},
    {"leave_linger", &Config::leave_linger, 100ms, 60s,
     "How long a leave waits, at most, for members to acknowledge it. The process ends at most two seconds later; "
     "keep it below your service manager's patience."},
    {"members_max", &Config::members_max, 2, 16'384,
     "The most members this node keeps, dead ones included. It bounds memory; keep it well above the size of "
     "your cluster."},
    {"streams_max", &Config::streams_max, 4, 4096,
     "TLS connections at once, both directions. Each costs memory and a file descriptor."},
    {"proving_pings", &Config::proving_pings, 1, 1000,
     "Pings a second to addresses that have not yet proven that they belong to a member. It keeps liars from "
     "using this node to flood others; more speeds up a mass restart. As many ask, after a rotation by this node, who "
     "holds the new key."},
};

static_assert(std::size(kConfigKeys) == field_count<Config>(), "a member of Config has no entry in kConfigKeys");

}  // namespace quorumor
