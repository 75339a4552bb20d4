// The table of all behaviours: what scenarios may name, what each is, and what is meant to stop it today.
#include "sim/adversary/families.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

constexpr std::string_view kQuotas = "nothing yet: quotas for each member";
constexpr std::string_view kPlaces =
    "streams_max, deadlines; for who is refused meanwhile, nothing yet: shares of places";

constexpr Behaviour insider(std::string_view name, std::string_view what, std::string_view against,
                            std::string_view parameters, Maker* make) {
  return {name, what, against, true, false, true, parameters, make};
}
constexpr Behaviour outsider(std::string_view name, std::string_view what, std::string_view against,
                             std::string_view parameters, Maker* make) {
  return {name, what, against, false, false, true, parameters, make};
}
constexpr Behaviour at_target(Behaviour b) {
  b.needs_target = true;
  return b;
}
constexpr Behaviour out_of_bounds(Behaviour b) {
  b.in_bounds = false;
  return b;
}

// "nothing yet" names what would: each is in docs/THREAT_MODEL.md, "What is not defended yet".
constexpr Behaviour kBehaviours[] = {
    // --- accusers ---
    insider("false-accuser", "accuses members that chance names, at their present claims, to 64 members at a time",
            "observers, k witnesses, muting, refutation", "target, rate", make_false_accuser),
    insider("victim-accuser", "accuses the targets, or one member that chance names, without end",
            "k witnesses, muting, refutation, last looks", "target, rate", make_victim_accuser),
    insider("observer-accuser", "accuses those that watch the targets, so that nobody is left to do so",
            "observers of observers, muting, refutation", "target, rate", make_observer_accuser),
    // --- who does less ---
    insider("silent", "drops relays, hints, rumors and questions, and accuses nobody",
            "m is computed for it; several relays", "", make_silent),
    insider("selective", "answers neither the targets (or `share` of all members) by datagram, nor anybody by stream",
            "relays, k witnesses, refutation", "target or share", make_selective),
    insider("delayer", "sends all that it sends `delay` late", "measured round trips, refutation: it harms itself",
            "delay", make_delayer),
    insider("sybils", "start again from few network prefixes, `count` (1) of them, and are silent there",
            "relays of different network groups; nothing yet: a sampler of partners", "count", make_sybils),
    // --- joins and syncs ---
    insider("sync-omitter", "leaves the targets (or `share` of all members) out of joins and syncs",
            "gossip, digests in pings, syncs with two more", "target or share", make_sync_omitter),
    insider("sync-stale", "tells in joins and syncs what it held when it began", "order of claims, digests in pings",
            "target", make_sync_stale),
    insider("sync-flooder", "adds `count` (500) valid claims of its own to each message of a join or sync",
            "a limit of records a session; else nothing yet: quotas for each member", "count", make_sync_flooder),
    // --- about themselves ---
    insider("equivocator", "signs two claims at one coordinate, and tells each to half of the members",
            "all prefer the same of the two; nothing yet that evicts it: proofs", "rate", make_equivocator),
    insider("incarnation-inflator", "issues ever newer claims, a million incarnations apart", kQuotas, "rate",
            make_incarnation_inflator),
    insider("generation-inflator", "says again and again that it has just started", kQuotas, "rate",
            make_generation_inflator),
    // --- floods ---
    insider("frame-flooder", "pings without end", kQuotas, "target, rate", make_frame_flooder),
    insider("rumor-flooder", "tells claims of others whose signatures do not hold, four a datagram", kQuotas,
            "target, rate", make_rumor_flooder),
    insider("accusation-flooder", "accuses 24 members under one signature, and never twice the same",
            "observers, muting; for the work, nothing yet: quotas for each member", "target, rate",
            make_accusation_flooder),
    insider("hint-flooder", "asks to look at members that are well", "one hint a period and sender, 8 looks a period",
            "target, rate", make_hint_flooder),
    insider("relay-flooder", "has others carry to the targets what will not open there",
            "20 forwards a second, relay and target", "target, rate", make_relay_flooder),
    insider("stream-flooder", "opens streams as the member that it is, and says nothing more", kPlaces, "target, rate",
            make_stream_flooder),
    insider("event-flooder", "broadcasts events of its own", "10 a second of one origin at each receiver",
            "target, rate", make_event_flooder),
    // --- who knows whom ---
    out_of_bounds(insider("eclipser", "tells joiners (or the targets) of colluders only, and passes on nothing else",
                          "one honest seed; else nothing yet: a sampler of partners", "target, rate", make_eclipser)),
    at_target(insider("zombie", "keeps the claims of crashed targets alive, by up to `count` refutations signed before",
                      "first-hand observers; against refutations signed before: nothing yet", "target, count, rate",
                      make_zombie)),
    insider("hoarder", "keeps accusations, and tells them again long after they were refuted",
            "they name one claim: what is past is dropped unverified", "target, rate", make_hoarder),
    insider("replayer-insider", "tells everybody's claims again for ever", "what is known is dropped unverified",
            "target, rate", make_insider_replayer),
    // --- keymasters ---
    insider("keymaster-withholder", "announces an epoch and gives its key to nobody; it needs the role keymaster",
            "an epoch without a key is not spoken under, and gives way to the next real one", "",
            make_keymaster_withholder),
    out_of_bounds(insider("keymaster-thrasher", "announces epochs as fast as it can; it needs the role keymaster",
                          "each member's own pace; nothing yet once the interval was lowered: keymasters are trusted",
                          "rate", make_keymaster_thrasher)),
    // --- outsiders ---
    outsider("garbage", "random datagrams, some with the right epoch tag", "header checks before any cryptography",
             "target, rate", make_garbage),
    outsider("replayer", "sends again what passed, to the same or to other members, also after restarts",
             "pair keys, counters, replay windows", "target, rate", make_replayer),
    outsider("spoofer", "sends what passed, and random frames, under other members' addresses",
             "pair keys: addresses prove nothing", "target, rate", make_spoofer),
    out_of_bounds(outsider("path-dropper", "drops `share` of the datagrams from and to the targets (or of all)",
                           "relays, streams, witnesses", "target, share", make_path_dropper)),
    out_of_bounds(outsider("path-delayer", "holds up each datagram from and to the targets (or all) for `delay`",
                           "measured round trips, local health, streams, refutation", "target, delay",
                           make_path_delayer)),
    outsider("epoch-thief", "has an epoch key: reads and offers introductions, tries to open and to forge frames",
             "pair keys need a session secret too", "target, rate", make_epoch_thief),
    outsider("handshake-flooder", "opens streams that never authenticate", kPlaces, "target, rate",
             make_handshake_flooder),
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
