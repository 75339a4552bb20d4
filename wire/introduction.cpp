#include "wire/segment.h"

namespace quorumor {

Result<void, DecodeError> decode_introduction(Bytes plain, Introduction& out) noexcept {
  out = Introduction{};
  auto result = segment::read<schema::Introduction>(
      plain, limits::kDatagram - limits::kLongOverhead, [&out](schema::Introduction::Reader root) {
        out.reply = root.getReply();
        out.credential = segment::from_data(root.getCredential());
        out.core = segment::from_data(root.getCore());
        return is_record_size(RumorKind::credential, out.credential.size()) &&
               is_record_size(RumorKind::core, out.core.size());
      });
  if (!result) out = Introduction{};
  return result;
}

MutableBytes encode_introduction(const Introduction& introduction, MutableBytes out) noexcept {
  const std::size_t size = segment::kWord + segment::struct_size<schema::Introduction>() +
                           segment::padded(introduction.credential.size()) + segment::padded(introduction.core.size());
  return segment::write_datagram<schema::Introduction>(size, out, [&](schema::Introduction::Builder root) {
    root.setReply(introduction.reply);
    root.setCredential(segment::to_data(introduction.credential));
    root.setCore(segment::to_data(introduction.core));
  });
}

}  // namespace quorumor
