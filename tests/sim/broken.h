// Ways to break a promise by force, and to ask its checker.
#pragma once

#include "node/core/impl.h"
#include "sim/watched.h"

namespace quorumor::test {

inline auto& inside(Watched& w, std::size_t i) { return CoreAccess::impl(w.world.core(i)); }
inline Member& held(Watched& w, std::size_t reader, std::size_t subject) {
  return *inside(w, reader).state.table.find(w.world.id(subject));
}

// The reader says so to its operator, whatever it holds.
inline void say(Watched& w, std::size_t reader, std::size_t subject, Event::Kind kind, MemberState state) {
  w.world.act(reader, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(w.world.now());
    Member& member = *impl.state.table.find(w.world.id(subject));
    impl.state.table.set_state(member, state, member.state_since);
    impl.state.event(kind, member, "by force");
    return impl.end();
  });
}

// As if its look had been taken, and had failed.
inline void fail_look(Watched& w, std::size_t reader, std::size_t subject) {
  std::unique_ptr<Doubt>& doubt = held(w, reader, subject).dossier.own().doubt;
  doubt = std::make_unique<Doubt>();
  doubt->look = Look::failed;
}

inline HeldCore changed(const HeldCore& core, std::size_t at, std::byte by) {
  auto record = core.record;
  record[at] ^= by;
  return HeldCore(record);
}
inline constexpr std::size_t kIncarnationAt = 1 + 16 + 8 + 8;
inline constexpr std::size_t kNextEventAt = limits::kCoreContent - 32 - 8;

inline sim::Checker& checker(Watched& w, std::string_view promise) {
  for (auto& c : w.checkers) {
    if (c->promise() == promise) return *c;
  }
  FAIL("no such checker");
  return *w.checkers.front();
}

inline const sim::Violation& first(Watched& w, std::string_view promise) {
  REQUIRE_FALSE(checker(w, promise).violations().empty());
  return checker(w, promise).violations().front();
}

}  // namespace quorumor::test
