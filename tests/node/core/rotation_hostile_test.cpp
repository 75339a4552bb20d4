// Who would misuse epochs: keymasters that lie, thieves of epoch keys, replays. It costs the others counters.
#include "node/core/rotation_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

// A member that says what it likes: it signs announcements by its own identity and gossips them.
struct Rogue {
  RotationLab& lab;
  std::size_t node;

  SignedAnnouncement sign(std::uint64_t epoch, const Digest& predecessor, Duration later,
                          AnnouncementKind kind = AnnouncementKind::begin) {
    auto& impl = CoreAccess::impl(lab.world.core(node));
    Announcement a = impl.state.ring.entries().front().announcement.announcement;
    a.kind = kind;
    a.signer = impl.state.id();
    a.signer_serial = impl.state.self->credential->credential.serial;
    a.epoch = Epoch{epoch};
    a.predecessor = predecessor;
    impl.state.secret_rng.fill(a.commitment);
    a.parameters.beta_ppm = 0;
    a.parameters.defense = false;
    a.signed_at = impl.state.wall_now() + std::chrono::duration_cast<std::chrono::milliseconds>(later);
    return sign_announcement(impl.state.identity, impl.state.cluster, std::move(a));
  }
  void tell(const SignedAnnouncement& a) {
    lab.world.act(node, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(lab.world.now());
      const ByteVector record = join_record(a.content, a.signature);
      impl.state.queue.push(announcement_key(a.digest()), {RumorKind::announcement, record, {}});
      return impl.end();
    });
  }
  Digest first() { return lab.world.peek(node).ring().entries().front().announcement.digest(); }
};

// Nothing is lost by what the rogue did, and the honest keymaster rotates as ever.
void check_unharmed(RotationLab& lab) {
  CHECK(lab.unreadable() == 0);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  const std::uint64_t before = lab.epoch_of(0).value;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    lab.world.run_for(2s);
    REQUIRE_FALSE(lab.rotate(0));
    CHECK(lab.world.run_until([&] { return lab.all_hold(before + i) && lab.all_agree(); }, 3s));
  }
  CHECK(lab.world.peek(3).stats().quorum.threshold == 2);
  CHECK(lab.unreadable() == 0);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
}

}  // namespace

TEST_CASE("announced and withheld: the others go on under the older epoch, by its parameters") {
  RotationLab lab(1, 12, 2);
  Rogue rogue{lab, 1};
  rogue.tell(rogue.sign(2, rogue.first(), 0s));
  lab.world.run_for(10s);
  CHECK(lab.world.peek(3).stats().ring_live == 2);
  CHECK(lab.all_hold(1));
  CHECK(lab.world.peek(3).stats().quorum.threshold == 2);
  CHECK(lab.sum([](const Stats& s) { return s.counters.keys_requested; }) == 0);  // nobody states it: nobody is asked
  check_unharmed(lab);
}

TEST_CASE("an epoch every second, on top of one another: one is held, the rest waits or is refused") {
  RotationLab lab(2, 12, 2);
  Rogue rogue{lab, 1};
  Digest on = rogue.first();
  for (std::uint64_t e = 2; e < 30; ++e) {
    const SignedAnnouncement next = rogue.sign(e, on, std::chrono::seconds(e));
    rogue.tell(next);
    on = next.digest();
    lab.world.run_for(300ms);
  }
  CHECK(lab.world.peek(3).stats().ring_live == 2);
  CHECK(lab.all_hold(1));
  CHECK(lab.refused(AnnouncementRefusal::unchained) + lab.refused(AnnouncementRefusal::not_now) > 20);
  check_unharmed(lab);
}

TEST_CASE("a fork in twenty tongues: of one signer and number one is held") {
  RotationLab lab(3, 12, 2);
  Rogue rogue{lab, 1};
  for (int i = 0; i < 20; ++i) rogue.tell(rogue.sign(2, rogue.first(), std::chrono::milliseconds(i)));
  lab.world.run_for(5s);
  for (std::size_t i = 0; i < lab.n; ++i) CHECK(lab.world.peek(i).stats().ring_live <= 2);
  CHECK(lab.refused(AnnouncementRefusal::forked) > 20);
  check_unharmed(lab);
}

TEST_CASE("within the minimum interval, ahead of the clock, out of the chain: each refused for its reason") {
  RotationLab lab(5, 12, 2);
  Rogue rogue{lab, 1};
  rogue.tell(rogue.sign(2, rogue.first(), -100s));
  lab.world.run_for(2s);
  CHECK(lab.refused(AnnouncementRefusal::too_soon) >= 4);
  rogue.tell(rogue.sign(2, rogue.first(), 30min));
  rogue.tell(rogue.sign(3, rogue.first(), 1s));
  rogue.tell(rogue.sign(2'000'000, rogue.first(), 1s));
  lab.world.run_for(2s);
  CHECK(lab.refused(AnnouncementRefusal::not_now) >= 4);
  CHECK(lab.refused(AnnouncementRefusal::unchained) >= 8);
  for (std::size_t i = 0; i < lab.n; ++i) CHECK(lab.world.peek(i).stats().ring_live == 1);
  check_unharmed(lab);
}

TEST_CASE("retired too early: held, and obeyed by nobody until its conditions are met") {
  RotationLab lab(5, 12, 2);
  Rogue rogue{lab, 1};
  rogue.tell(rogue.sign(1, rogue.first(), 0s, AnnouncementKind::retire));  // the newest: refused
  lab.world.run_for(2s);
  CHECK(lab.refused(AnnouncementRefusal::unchained) >= 4);
  rogue.tell(rogue.sign(2, rogue.first(), 0s));
  lab.world.run_for(2s);
  rogue.tell(rogue.sign(1, rogue.first(), 1s, AnnouncementKind::retire));  // with a successor that nobody can use
  lab.world.run_for(30s);
  for (std::size_t i = 0; i < lab.n; ++i) {
    CHECK(lab.world.peek(i).ring().retired_floor() == Epoch{});
    if (i != 1) REQUIRE(lab.world.peek(i).keys().retirement);
    if (i != 1) CHECK_FALSE(lab.world.peek(i).keys().retirement->newer_key);
  }
  check_unharmed(lab);
}

TEST_CASE("who is no keymaster announces nothing, and a forged signature is no signature") {
  RotationLab lab(6, 12, 2);
  Rogue member{lab, 4};
  member.tell(member.sign(2, member.first(), 0s));
  lab.world.run_for(2s);
  CHECK(lab.refused(AnnouncementRefusal::not_entitled) >= 4);
  SignedAnnouncement forged = Rogue{lab, 1}.sign(2, member.first(), 0s);
  forged.signature[3] ^= std::byte{1};
  member.tell(forged);
  lab.world.run_for(2s);
  CHECK(lab.refused(AnnouncementRefusal::bad_signature) >= 4);
  for (std::size_t i = 0; i < lab.n; ++i) CHECK(lab.world.peek(i).stats().ring_live == 1);
  check_unharmed(lab);
}

TEST_CASE("an announcement of long ago, told again, is buried") {
  RotationLab lab(7, 8, 2);
  const auto old = lab.world.peek(0).ring().entries().front().announcement;
  for (std::uint64_t e = 1; e <= 2; ++e) {
    REQUIRE_FALSE(lab.rotate(0));
    REQUIRE(lab.world.run_until([&] { return lab.all_hold(e + 1); }, 3s));
    REQUIRE_FALSE(lab.retire(0, e));
    REQUIRE(lab.world.run_until([&] { return lab.all_retired(e); }, 20s));
  }
  const std::uint64_t before = lab.refused(AnnouncementRefusal::buried);
  Rogue{lab, 1}.tell(old);
  lab.world.run_for(2s);
  CHECK(lab.refused(AnnouncementRefusal::buried) >= before + 4);
  check_unharmed(lab);
}

TEST_CASE("a member that shows a ring of the far future over TLS, signed by a keymaster, is not believed alone") {
  RotationLab lab(8, 8, 2);
  Rogue rogue{lab, 1};
  lab.world.act(1, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(lab.world.now());
    Keyring ring(impl.state.cluster);
    EpochKey key = EpochKey::generate(impl.state.secret_rng);
    Announcement a = rogue.sign(900, {}, 0s).announcement;
    a.commitment = key.commitment(impl.state.cluster);
    Digest seed = first_seed(impl.state.cluster);
    for (std::uint64_t e = 2; e <= 900; ++e) seed = next_seed(seed, Epoch{e});
    REQUIRE(ring.adopt(sign_announcement(impl.state.identity, impl.state.cluster, a), seed,
                       impl.state.self->credential->record));
    REQUIRE(ring.set_key(Epoch{900}, std::move(key)));
    impl.state.ring.start_over(std::move(ring));
    return impl.end();
  });
  lab.world.run_for(90s);
  for (std::size_t i = 0; i < lab.n; ++i) {
    if (i != 1) CHECK(lab.epoch_of(i) == Epoch{1});
  }
}

namespace {

// All that a thief of these epochs' keys can try with a captured short frame: unmask it, and open it by every key that
// follows from the epoch key and from what it knows in public.
bool thief_opens(const Keyring::Entry& stolen, Bytes frame, const NodeId& receiver, const std::vector<Core>& cores,
                 const ClusterId& cluster, const SessionKey& own) {
  std::array<std::byte, limits::kDatagram> plain{};
  const MutableBytes out = MutableBytes(plain).first(frame.size() - limits::kShortOverhead);
  const ShortHeader header = unmask_short(frame, receiver, stolen.secrets);
  const Suite suite = stolen.announcement.announcement.parameters.suite;
  const Core* sender = nullptr;
  const Core* target = nullptr;
  for (const Core& core : cores) {
    if (id_prefix(core.id) == header.sender_prefix) sender = &core;
    if (core.id == receiver) target = &core;
  }
  if (sender == nullptr || target == nullptr) return false;
  bool opened = open_short(out, frame, header, receiver, suite, stolen.secrets.group_key.bytes()) ||
                open_short(out, frame, header, receiver, suite, stolen.secrets.mixing_key.bytes()) ||
                open_short(out, frame, header, receiver, suite, stolen.key.key.bytes());
  for (const Core* party : {sender, target}) {
    const auto shared = own.shared_with(party->session_key);
    REQUIRE(shared);
    const PairKeys keys = derive_pair_keys(*shared, stolen.secrets, cluster, target->id, target->session_key,
                                           sender->id, sender->session_key);
    opened = opened || open_short(out, frame, header, receiver, suite, keys.receive()) ||
             open_short(out, frame, header, receiver, suite, keys.send());
  }
  return opened;
}

}  // namespace

TEST_CASE("a thief of an epoch's key opens no pair frame, and after its retirement no introduction either") {
  RotationLab lab(9, 6);
  lab.world.set_capture(true);
  lab.world.run_for(10s);
  const Keyring stolen = Keyring::deserialize(lab.world.cluster(), lab.world.peek(2).ring().serialize()).value();
  const Keyring::Entry& key = *stolen.newest_with_key();
  std::vector<Core> cores;
  lab.world.act(0, [&](NodeCore& core) {
    for (const auto& m : CoreAccess::impl(core).state.table.all()) cores.push_back(m->core->whole());
    return std::span<const Output>{};
  });
  Drbg rng(ByteArray<32>{}, "thief");
  const SessionKey own = SessionKey::generate(rng);
  const auto receiver_of = [&](const Endpoint& to) {
    std::size_t i = 0;
    while (lab.world.endpoint(i) != to) ++i;
    return lab.world.id(i);
  };
  std::size_t tried = 0, recognised = 0;
  for (const auto& c : lab.world.captured()) {
    const auto head = parse_head(c.datagram);
    if (!head || head.value().type != kShortType || head.value().tag != key.secrets.tag) continue;
    ++tried;
    const ShortHeader header = unmask_short(c.datagram, receiver_of(c.to), key.secrets);
    for (const Core& core : cores) recognised += id_prefix(core.id) == header.sender_prefix ? 1 : 0;
    CHECK_FALSE(thief_opens(key, c.datagram, receiver_of(c.to), cores, lab.world.cluster(), own));
  }
  CHECK(tried > 100);
  CHECK(recognised == tried);  // it does hold the key: who speaks to whom it learns

  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  REQUIRE_FALSE(lab.retire(0, 1));
  REQUIRE(lab.world.run_until([&] {
    return lab.sum([](const Stats& s) { return s.counters.epochs_wiped; }) == lab.n;
  }, 40s));
  const std::size_t from = lab.world.captured().size();
  lab.world.crash(3);
  lab.world.run_for(100ms);
  lab.world.start(3);
  lab.world.run_for(10s);
  std::size_t introductions = 0;
  for (std::size_t i = from; i < lab.world.captured().size(); ++i) {
    const auto& c = lab.world.captured()[i];
    const auto head = parse_head(c.datagram);
    REQUIRE(head);
    CHECK(head.value().tag != key.secrets.tag);
    if (head.value().type != kLongType) continue;
    ++introductions;
    const auto frame = split_long(c.datagram, key.secrets);
    std::array<std::byte, limits::kDatagram> plain{};
    const bool opened =
        frame && open_long(MutableBytes(plain).first(frame.value().size() - limits::kLongOverhead), frame.value(),
                           receiver_of(c.to), key.secrets);
    CHECK_FALSE(opened);
  }
  CHECK(introductions > 0);
}

TEST_CASE("every datagram of a minute, replayed to every member after a rotation, after a retirement, after a restart") {
  RotationLab lab(10, 5);
  lab.world.set_capture(true);
  lab.world.run_for(60s);
  lab.world.set_capture(false);
  const auto traffic = lab.world.captured();
  REQUIRE(traffic.size() > 1000);
  const auto replay = [&] {
    lab.world.set_reachable([](std::size_t, std::size_t) { return false; });
    lab.world.run_for(10ms);
    const std::uint64_t before = lab.sum([](const Stats& s) { return messages_in(s); });
    for (const auto& c : traffic) {
      for (std::size_t i = 0; i < lab.n; ++i) lab.world.inject(i, c.from, c.datagram);
    }
    lab.world.run_for(5ms);
    CHECK(lab.sum([](const Stats& s) { return messages_in(s); }) == before);
    lab.world.set_reachable(nullptr);
    CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 20s));
    lab.world.run_for(2s);
  };
  replay();
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  replay();
  REQUIRE_FALSE(lab.retire(0, 1));
  REQUIRE(lab.world.run_until([&] { return lab.all_retired(1); }, 20s));
  replay();  // readable still, and the windows hold
  lab.world.crash(2);
  lab.world.run_for(100ms);
  lab.world.start(2);
  REQUIRE(lab.world.run_until([&] { return lab.world.all_alive(); }, 10s));
  replay();
}
