// A node whose whole cluster the test plays: it holds everybody's session secrets, so it opens all that the node sends
// and answers as it likes. Everybody is Alive, at a proven endpoint, and the node counts as joined and synced.
// Who `answers` is answered for at once: acks to pings. A datagram that comes by a relay is the test's to carry.
#pragma once

#include "bench/fixture.h"
#include "node/core/impl.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <set>
#include <type_traits>
#include <utility>

namespace quorumor::test {

using bench::Fixture;
using bench::FixtureSetup;
using bench::Person;

using Impl = std::remove_reference_t<decltype(CoreAccess::impl(std::declval<NodeCore&>()))>;

struct Heard {  // one message of the node
  Instant at;
  std::size_t to = 0;
  bool introduced = false;
  MessageKind kind = MessageKind::ping;
  Sequence sequence;
  Belief belief;
  NodeId peer{};
  Generation generation;
  Incarnation incarnation;
  std::vector<std::pair<RumorKind, ByteVector>> rumors;
  std::vector<WantItem> wants;
  ByteVector sealed;

  bool carries(RumorKind rumor) const {
    return std::any_of(rumors.begin(), rumors.end(), [&](const auto& r) { return r.first == rumor; });
  }
};

// Addresses of n different network groups.
inline Endpoint apart(std::size_t i) { return Endpoint::v4(10, static_cast<std::uint8_t>(i), 0, 1, 7947); }

struct DetectorLab {
  Fixture f;
  Impl& impl;
  std::set<std::size_t> answers;  // whose pings are acknowledged
  std::vector<Heard> heard;
  std::vector<Event> events;
  std::vector<StreamRequest> dials;

  static FixtureSetup with(std::size_t members) {
    FixtureSetup setup;
    setup.others = members - 2;
    setup.endpoint = apart;
    return setup;
  }
  // The node's own cycle begins a look once a minute, so that what a test begins is nearly all that there is.
  static FixtureSetup quiet(std::size_t members) {
    FixtureSetup setup = with(members);
    setup.config.probe_interval = 60s;
    return setup;
  }
  explicit DetectorLab(std::size_t members, std::size_t synced = CoreState::kSyncsToDeclare)
      : DetectorLab(with(members), synced) {}
  explicit DetectorLab(const FixtureSetup& setup, std::size_t synced = CoreState::kSyncsToDeclare)
      : f(setup), impl(CoreAccess::impl(f.node())) {
    take(f.node().start(f.now()));
    const std::size_t members = setup.others + 2;
    for (std::size_t i = 1; i < members; ++i) {
      answers.insert(i);
      tell(1, RumorKind::core, f.person(i).core_record);
      say(i, blank(MessageKind::want));
      if (impl.state.synced_with.size() < synced) impl.state.note_synced(id(i));
    }
    impl.joiner.set_joined("played");
    pass(100ms);
    for (const StreamRequest& r : std::vector(dials)) {  // to the members that it remembers: nobody is there
      take(f.node().on_stream(f.now(), r.id, StreamEvent{}));
    }
    forget();
  }

  // --- who is who ---
  const NodeId& id(std::size_t i) const { return f.person(i).credential.credential.id; }
  std::size_t size() const { return impl.state.table.size(); }
  std::size_t index(const NodeId& who) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (id(i) == who) return i;
    }
    return size();
  }
  Member& member(std::size_t i) { return *impl.state.table.find(id(i)); }
  MemberState state(std::size_t i) { return member(i).state; }
  const Counters& counters() const { return impl.state.counters; }
  bool observes(std::size_t observer, std::size_t subject) {
    return impl.state.policy->rank_of(id(subject), id(observer), Epoch{1}).has_value();
  }
  // A member, not the peer, that the node (does not) observe.
  std::size_t subject(bool observed, std::size_t after = 1) {
    for (std::size_t i = after + 1; i < size(); ++i) {
      if (observes(0, i) == observed) return i;
    }
    FAIL("no such subject");
    return 0;
  }
  // Those besides the node that count as accusers of a subject, best first.
  std::vector<std::size_t> observers_of(std::size_t subject) {
    std::vector<NodeId> ids;
    impl.state.policy->observers_of(id(subject), ids);
    std::vector<std::size_t> out;
    for (const NodeId& o : ids) out.push_back(index(o));
    return out;
  }

  // --- what others say ---
  Message blank(MessageKind kind) const {
    Message m = f.blank(kind);
    m.digest = 0;
    return m;
  }
  void say(std::size_t from, const Message& message) {
    take(f.node().on_datagram(f.now(), f.person(from).endpoint, f.frame(message, from)));
  }
  void tell(std::size_t from, RumorKind kind, const ByteVector& record) {
    Message m = blank(MessageKind::want);
    m.rumors.push_back({kind, record, {}});
    say(from, m);
  }
  void hint(std::size_t from, std::size_t subject, std::uint64_t incarnation = 1, std::uint64_t generation = 1) {
    Message m = blank(MessageKind::hint);
    m.peer = id(subject);
    m.generation = Generation{generation};
    m.incarnation = Incarnation{incarnation};
    say(from, m);
  }
  void ack(std::size_t from, Sequence sequence) {
    Message m = blank(MessageKind::ack);
    m.sequence = sequence;
    say(from, m);
  }
  // The ack of a target, brought by a relay.
  void relayed_ack(std::size_t relay, std::size_t target, Sequence sequence);
  void nack(std::size_t from, Sequence sequence) {
    Message m = blank(MessageKind::nack);
    m.sequence = sequence;
    say(from, m);
  }
  ByteVector signed_by(std::size_t who, SignDomain domain, const ByteVector& content) {
    return join_record(content, f.person(who).identity.sign(domain, f.cluster(), content));
  }
  ByteVector accusation(std::size_t accuser, const std::vector<AccusedSubject>& subjects,
                        Epoch epoch = Epoch{1}) {
    Accusation a;
    a.accuser = id(accuser);
    a.serial = Serial{1};
    a.generation = Generation{1};
    a.epochs = {epoch};
    a.subjects = subjects;
    std::sort(a.subjects.begin(), a.subjects.end());
    return signed_by(accuser, SignDomain::accusation, encode_accusation(a));
  }
  void accuse(std::size_t accuser, std::size_t subject, std::size_t by = 1) {
    const Coordinate& at = member(subject).core->core.at;
    tell(by, RumorKind::accusation, accusation(accuser, {{id(subject), at.generation, at.incarnation}}));
  }
  // The owner moves on to its next incarnation (or generation), told by somebody.
  void move_on(std::size_t i, bool restart = false, std::size_t by = 1);

  // Announces a second epoch to the node, without its key, or with it.
  Epoch next_epoch(bool with_key = false);

  // --- time ---
  void pass(Duration duration);
  template <class Done>
  bool pass_until(Done done, Duration limit) {
    const Instant end = f.now() + limit;
    while (!done()) {
      if (f.now() >= end) return false;
      const auto due = f.node().next_deadline();
      pass(due && *due > f.now() ? std::min(*due, end) - f.now() : Duration{1ms});
    }
    return true;
  }
  // Into the machines directly; their outputs are carried out.
  void act(const std::function<void(Impl&)>& what) {
    impl.begin(f.now());
    what(impl);
    take(impl.end());
  }

  // --- what was said ---
  void forget() {
    heard.clear();
    events.clear();
    dials.clear();
  }
  std::vector<Heard> said(MessageKind kind, std::optional<std::size_t> to = std::nullopt) const {
    std::vector<Heard> out;
    for (const Heard& h : heard) {
      if (h.kind == kind && (!to || h.to == *to)) out.push_back(h);
    }
    return out;
  }
  std::size_t count(Event::Kind kind, std::optional<NodeId> about = std::nullopt) const {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [&](const Event& e) { return e.kind == kind && (!about || e.id == *about); }));
  }
  std::string reason(Event::Kind kind) const {
    for (auto e = events.rbegin(); e != events.rend(); ++e) {
      if (e->kind == kind) return e->reason;
    }
    return {};
  }

 private:
  void take(std::span<const Output> outputs);
};

}  // namespace quorumor::test
