#include "sim/net/network_model.h"

#include "crypto/drbg.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

template <class T>
void take(T& value, const std::optional<T>& said) {
  if (said) value = *said;
}

void lay(NetworkModel::Link& link, const LinkProfile& p) {
  take(link.latency, p.latency);
  take(link.loss_ppm, p.loss_ppm);
  take(link.stream_loss_ppm, p.loss_ppm);
  take(link.stream_loss_ppm, p.stream_loss_ppm);
  take(link.duplication_ppm, p.duplication_ppm);
  take(link.reorder_ppm, p.reorder_ppm);
  take(link.reorder_delay, p.reorder_delay);
  take(link.datagram_max, p.datagram_max);
}

void set_at(std::vector<std::optional<LinkProfile>>& profiles, std::size_t index, const LinkProfile& profile) {
  QUORUMOR_ASSERT(index != NetworkModel::kNobody);
  if (profiles.size() <= index) profiles.resize(index + 1);
  profiles[index] = profile;
}

void lay_at(NetworkModel::Link& link, const std::vector<std::optional<LinkProfile>>& profiles, std::size_t index) {
  if (index < profiles.size() && profiles[index]) lay(link, *profiles[index]);
}

std::vector<bool> as_set(const std::vector<std::size_t>& members) {
  std::vector<bool> out;
  for (const std::size_t i : members) {
    QUORUMOR_ASSERT(i != NetworkModel::kNobody);
    if (out.size() <= i) out.resize(i + 1);
    out[i] = true;
  }
  return out;
}

bool has(const std::vector<bool>& set, std::size_t i) { return i < set.size() && set[i]; }

bool happens(std::uint32_t ppm, Drbg& rng) { return ppm != 0 && rng.below(kAllPpm) < ppm; }

}  // namespace

bool NetworkModel::FlipFlop::is_open(Instant now) const { return now < since || (now - since) % (open + shut) < open; }

bool NetworkModel::Rule::holds(Index a, Index b) const {
  return (has(from, a) && has(to, b)) || (both_ways && has(from, b) && has(to, a));
}

// --- what holds ----------------------------------------------------------------------------------------------------

void NetworkModel::set_everywhere(const LinkProfile& profile) {
  everywhere_profile_ = profile;
  everywhere_ = {};
  lay(everywhere_, profile);
  QUORUMOR_ASSERT(everywhere_.latency.least >= Duration{} && everywhere_.latency.least <= everywhere_.latency.most);
}

void NetworkModel::set_zone(Index node, std::uint32_t zone) {
  QUORUMOR_ASSERT(node != kNobody);
  if (zone == 0 && node >= zones_.size()) return;
  if (zones_.size() <= node) zones_.resize(node + 1);
  zones_[node] = zone;
}

void NetworkModel::set_between(std::uint32_t from, std::uint32_t to, const LinkProfile& profile) {
  between_.insert_or_assign(key(from, to), profile);
  note_exceptions();
}

void NetworkModel::set_sender(Index from, const LinkProfile& profile) {
  set_at(senders_, from, profile);
  note_exceptions();
}

void NetworkModel::set_receiver(Index to, const LinkProfile& profile) {
  set_at(receivers_, to, profile);
  note_exceptions();
}

void NetworkModel::set_link(Index from, Index to, const LinkProfile& profile) {
  links_.insert_or_assign(key(from, to), profile);
  note_exceptions();
}

LinkProfile NetworkModel::link_profile(Index from, Index to) const {
  const auto found = links_.find(key(from, to));
  return found == links_.end() ? LinkProfile{} : found->second;
}

void NetworkModel::clear_links() {
  links_.clear();
  note_exceptions();
}

void NetworkModel::clear_exceptions() {
  senders_.clear();
  receivers_.clear();
  links_.clear();
  std::erase_if(rules_, [](const Rule& rule) { return !rule.is_fault(); });
  note_exceptions();
}

void NetworkModel::note_exceptions() {
  exceptions_ = !between_.empty() || !senders_.empty() || !receivers_.empty() || !links_.empty() ||
                faults_ < rules_.size();
}

NetworkModel::Rule& NetworkModel::add_rule(const Links& links) {
  Rule rule;
  rule.id = next_rule_++;
  rule.from = as_set(links.from);
  rule.to = as_set(links.to);
  rule.both_ways = links.both_ways;
  return rules_.emplace_back(std::move(rule));
}

NetworkModel::RuleId NetworkModel::set_links(const Links& links, const LinkProfile& profile) {
  Rule& rule = add_rule(links);
  rule.profile = profile;
  exceptions_ = true;
  return rule.id;
}

NetworkModel::RuleId NetworkModel::cut(const Links& links) {
  Rule& rule = add_rule(links);
  rule.cuts = true;
  ++faults_;
  return rule.id;
}

NetworkModel::RuleId NetworkModel::flip_flop(const Links& links, Instant since, Duration open, Duration shut) {
  QUORUMOR_ASSERT(open > Duration{} && shut > Duration{});
  Rule& rule = add_rule(links);
  rule.flip_flop = FlipFlop{since, open, shut};
  ++faults_;
  return rule.id;
}

void NetworkModel::undo(RuleId id) {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [id](const Rule& rule) { return rule.id == id; });
  if (found == rules_.end()) return;
  if (found->is_fault()) --faults_;
  rules_.erase(found);
  note_exceptions();
}

void NetworkModel::cut(Index from, Index to) { cuts_.insert(key(from, to)); }

void NetworkModel::flip_flop(Index from, Index to, Instant since, Duration open, Duration shut) {
  QUORUMOR_ASSERT(open > Duration{} && shut > Duration{});
  flip_flops_.insert_or_assign(key(from, to), FlipFlop{since, open, shut});
}

void NetworkModel::mend(Index from, Index to) {
  cuts_.erase(key(from, to));
  flip_flops_.erase(key(from, to));
}

void NetworkModel::mend_all() {
  cuts_.clear();
  flip_flops_.clear();
  std::erase_if(rules_, [](const Rule& rule) { return rule.is_fault(); });
  faults_ = 0;
}

// --- questions -----------------------------------------------------------------------------------------------------

const NetworkModel::Link& NetworkModel::link_of(Index from, Index to, Link& scratch) const {
  if (!exceptions_) return everywhere_;
  scratch = everywhere_;
  if (!between_.empty()) {
    const auto zones = between_.find(key(zone(from), zone(to)));
    if (zones != between_.end()) lay(scratch, zones->second);
  }
  lay_at(scratch, senders_, from);
  lay_at(scratch, receivers_, to);
  if (!links_.empty()) {
    const auto own = links_.find(key(from, to));
    if (own != links_.end()) lay(scratch, own->second);
  }
  for (const Rule& rule : rules_) {
    if (!rule.is_fault() && rule.holds(from, to)) lay(scratch, rule.profile);
  }
  return scratch;
}

NetworkModel::Link NetworkModel::link(Index from, Index to) const {
  Link scratch;
  return link_of(from, to, scratch);
}

bool NetworkModel::is_open(Instant now, Index from, Index to) const {
  if (!is_reachable(from, to)) return false;
  if (!cuts_.empty() && cuts_.contains(key(from, to))) return false;
  if (!flip_flops_.empty()) {
    const auto found = flip_flops_.find(key(from, to));
    if (found != flip_flops_.end() && !found->second.is_open(now)) return false;
  }
  if (faults_ == 0) return true;
  return std::none_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return rule.is_fault() && (rule.cuts || !rule.flip_flop->is_open(now)) && rule.holds(from, to);
  });
}

bool NetworkModel::is_clear(Instant now, Index from, Index to) const {
  Link scratch;
  const Link& l = link_of(from, to, scratch);
  return l.loss_ppm == 0 && l.datagram_max >= kFullDatagram && is_open(now, from, to);
}

NetworkModel::Arrivals NetworkModel::datagram(Instant now, Index from, Index to, std::size_t size, Drbg& rng) const {
  Link scratch;
  const Link& l = link_of(from, to, scratch);
  Arrivals out;
  if (size > l.datagram_max || happens(l.loss_ppm, rng) || to == kNobody || !is_open(now, from, to)) return out;
  const auto arrive = [&] {
    const Duration latency = draw(l.latency, rng);
    out.push_back(happens(l.reorder_ppm, rng) ? latency + l.reorder_delay : latency);
  };
  arrive();
  if (happens(l.duplication_ppm, rng)) arrive();
  return out;
}

std::optional<Duration> NetworkModel::stream_piece(Instant now, Index from, Index to, Drbg& rng) const {
  if (!is_open(now, from, to)) return std::nullopt;
  Link scratch;
  const Link& l = link_of(from, to, scratch);
  Duration late{}, wait = std::max(kRetransmission, 2 * l.latency.most);
  for (unsigned lost = 0; happens(l.stream_loss_ppm, rng);) {
    if (++lost > kRetransmissionsMax) return std::nullopt;
    late += wait;
    wait *= 2;
  }
  return late + (l.latency.shape == Latency::Shape::uniform ? l.latency.most : draw(l.latency, rng));
}

Duration NetworkModel::latency(Index from, Index to, Drbg& rng) const {
  Link scratch;
  return draw(link_of(from, to, scratch).latency, rng);
}

}  // namespace quorumor::sim
