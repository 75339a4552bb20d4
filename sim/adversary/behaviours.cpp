// The table of all behaviours: what scenarios may name, what each is, and what is meant to stop it today.
#include "sim/adversary/families.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

constexpr std::string_view kQuotas = "nothing yet: quotas for each member (docs/THREAT_MODEL.md, what is not defended yet)";

const Behaviour kBehaviours[] = {
    // --- accusers ---
    {"false-accuser", "accuses members that chance names, at their present claims, to 64 members at a time",
     "observers, k witnesses, muting, refutation", true, false, "rate", make_false_accuser},
    {"victim-accuser", "accuses the targets, or one member that chance names, without end",
     "k witnesses, muting, refutation, last looks", true, false, "target, rate", make_victim_accuser},
    {"observer-accuser", "accuses those that watch the targets, so that nobody is left to do so",
     "observers of observers, muting, refutation", true, false, "target, rate", make_observer_accuser},
    // --- who does less ---
    {"silent", "drops relays, hints, rumors and questions, and accuses nobody", "m is computed for it; three relays",
     true, false, "", make_silent},
    {"selective", "answers neither the targets (or `share` of all members) by datagram, nor anybody by stream",
     "observers, relays, refutation: it harms itself alone", true, false, "target or share", make_selective},
    {"delayer", "sends all that it sends `delay` late", "measured round trips, refutation: it harms itself alone", true,
     false, "delay", make_delayer},
    // --- joins and syncs ---
    {"sync-omitter", "leaves the targets (or `share` of all members) out of joins and syncs",
     "gossip, digests in pings, syncs with two more", true, false, "target or share", make_sync_omitter},
    {"sync-stale", "tells in joins and syncs what it held when it began", "order of claims, digests in pings", true, false,
     "target", make_sync_stale},
    {"sync-flooder", "adds `count` (500) valid claims of its own to each message of a join or sync",
     "a limit of records a session; else nothing yet: quotas for each member", true, false, "count", make_sync_flooder},
    // --- about themselves ---
    {"equivocator", "signs two claims at one coordinate, and tells each to half of the members",
     "all prefer the same of the two; nothing yet that evicts it: proofs", true, false, "rate", make_equivocator},
    {"incarnation-inflator", "issues ever newer claims, a million incarnations apart", kQuotas, true, false, "rate",
     make_incarnation_inflator},
    {"generation-inflator", "says again and again that it has just started", kQuotas, true, false, "rate",
     make_generation_inflator},
    // --- floods ---
    {"frame-flooder", "pings without end", kQuotas, true, false, "target, rate", make_frame_flooder},
    {"rumor-flooder", "tells claims of others whose signatures do not hold, four a datagram", kQuotas, true, false,
     "target, rate", make_rumor_flooder},
    {"accusation-flooder", "accuses 24 members under one signature, and never twice the same",
     "observers, muting; for the work, nothing yet: quotas for each member", true, false, "target, rate",
     make_accusation_flooder},
    {"hint-flooder", "asks to look at members that are well", "one hint a period and sender, 8 looks a period", true,
     false, "target, rate", make_hint_flooder},
    {"relay-flooder", "has others carry to the targets what will not open there", "20 forwards a second, relay and target",
     true, false, "target, rate", make_relay_flooder},
    {"stream-flooder", "opens streams as the member that it is, and says nothing more",
     "streams_max, deadlines; for who is refused meanwhile, nothing yet: shares of places", true, false, "target, rate",
     make_stream_flooder},
    {"event-flooder", "broadcasts events of its own", "10 a second of one origin at each receiver", true, false,
     "target, rate", make_event_flooder},
    // --- who knows whom ---
    {"eclipser", "tells joiners (or the targets) of colluders only, and passes on nothing else",
     "nothing yet: a sampler of partners (docs/THREAT_MODEL.md, what is not defended yet)", true, false, "target, rate",
     make_eclipser},
    {"zombie", "keeps the claims of the targets alive when they have crashed, up to `count` refutations signed before",
     "first-hand observers; against refutations signed before: nothing yet", true, true, "target, count, rate",
     make_zombie},
    {"hoarder", "keeps accusations, and tells them again long after they were refuted", "they name one claim", true, false,
     "target, rate", make_hoarder},
    {"replayer-insider", "tells everybody's claims again for ever", "what is known is dropped unverified", true, false,
     "target, rate", make_insider_replayer},
    // --- outsiders ---
    {"garbage", "random datagrams, some with the right epoch tag", "header checks before any cryptography", false, false,
     "target, rate", make_garbage},
    {"replayer", "sends again what passed, to the same or to other members, also after restarts",
     "pair keys, counters, replay windows", false, false, "target, rate", make_replayer},
    {"spoofer", "sends what passed, and random frames, under other members' addresses", "pair keys: addresses prove nothing",
     false, false, "target, rate", make_spoofer},
    {"path-dropper", "drops `share` of the datagrams from and to the targets (or of all)", "relays, streams, witnesses", false,
     false, "target, share", make_path_dropper},
    {"path-delayer", "holds up each datagram from and to the targets (or all) for `delay`",
     "measured round trips, local health, refutation", false, false, "target, delay", make_path_delayer},
    {"epoch-thief", "has an epoch key: reads and offers introductions, tries to open and to forge frames",
     "pair keys need a session secret too", false, false, "target, rate", make_epoch_thief},
    {"handshake-flooder", "opens streams that never authenticate",
     "streams_max, deadlines; for who is refused meanwhile, nothing yet: shares of places", false, false, "target, rate",
     make_handshake_flooder},
};

}  // namespace

std::span<const Behaviour> behaviours() noexcept { return kBehaviours; }

const Behaviour* find_behaviour(std::string_view name) noexcept {
  const auto found = std::find_if(std::begin(kBehaviours), std::end(kBehaviours),
                                  [&](const Behaviour& b) { return b.name == name; });
  return found == std::end(kBehaviours) ? nullptr : found;
}

std::unique_ptr<Adversary> make_adversary(const AdversaryPart& part, AdversaryContext context) {
  const Behaviour* behaviour = find_behaviour(part.behaviour);
  QUORUMOR_ASSERT(behaviour != nullptr);
  QUORUMOR_ASSERT(behaviour->insider == !context.liars.empty());
  return behaviour->make(part, std::move(context));
}

}  // namespace quorumor::sim
