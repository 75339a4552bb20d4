#include "wire/segment.h"

namespace quorumor {

std::size_t rumor_size(const Rumor& rumor) noexcept {
  return segment::struct_size<schema::Rumor>() + segment::padded(rumor.record.size()) +
         segment::padded(rumor.payload.size());
}

namespace segment {

static_assert(kRumorListOverhead == kWord, "a list of structs begins with one tag word");

bool read_rumor(schema::Rumor::Reader from, Rumor& to) {
  to.kind = static_cast<RumorKind>(from.getKind());
  to.record = from_data(from.getRecord());
  to.payload = from_data(from.getPayload());
  if (!is_valid(to.kind) || !is_record_size(to.kind, to.record.size())) return false;
  return to.payload.empty() || (to.kind == RumorKind::event && to.payload.size() <= limits::kEventPayload);
}

void write_rumors(std::span<const Rumor> from, capnp::List<schema::Rumor>::Builder to) {
  for (unsigned i = 0; i < from.size(); ++i) {
    schema::Rumor::Builder rumor = to[i];
    rumor.setKind(static_cast<std::uint8_t>(from[i].kind));
    rumor.setRecord(to_data(from[i].record));
    if (!from[i].payload.empty()) rumor.setPayload(to_data(from[i].payload));
  }
}

std::size_t rumors_size(std::span<const Rumor> rumors) noexcept {
  std::size_t size = rumors.empty() ? 0 : kRumorListOverhead;
  for (const Rumor& rumor : rumors) size += rumor_size(rumor);
  return size;
}

}  // namespace segment
}  // namespace quorumor
