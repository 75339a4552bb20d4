// decode_message and decode_introduction over any bytes. What they accept must encode again to something that
// decodes to the same fields; and each rumor's content, where its record decodes, must have exactly one encoding:
// a second one would be a second signed form of the same statement.
#include "../tests/wire/messages/message_samples.h"

using namespace quorumor;

namespace {

Bytes bytes_of(const std::vector<std::uint64_t>& words, std::size_t size) {
  return std::as_bytes(std::span(words)).first(size);
}

void check_records(const Message& message) {
  for (const Rumor& rumor : message.rumors) {
    const auto again = test::reencoded(rumor.kind, rumor.content());
    QUORUMOR_ASSERT(!again || equal(*again, rumor.content()));
  }
}

void check_message(Bytes plain) {
  Message first;
  if (!decode_message(plain, first)) return;
  check_records(first);
  // A sender may leave out words that we always write: then ours can be too long for a datagram.
  const std::size_t size = test::size_with_rumors(first);
  test::DatagramBuffer out;
  const Bytes encoded = encode_message(first, out.bytes());
  QUORUMOR_ASSERT(encoded.size() == (size <= limits::kPlain ? size : 0));
  if (encoded.empty()) return;
  Message second;
  QUORUMOR_ASSERT(decode_message(encoded, second));
  QUORUMOR_ASSERT(test::same(first, second));
}

void check_introduction(Bytes plain) {
  Introduction first;
  if (!decode_introduction(plain, first)) return;
  test::DatagramBuffer out;
  const Bytes encoded = encode_introduction(first, out.bytes());
  QUORUMOR_ASSERT(!encoded.empty());  // its two fields are never as long as a datagram
  Introduction second;
  QUORUMOR_ASSERT(decode_introduction(encoded, second));
  QUORUMOR_ASSERT(test::same(first, second));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto words = test::aligned_copy({reinterpret_cast<const std::byte*>(data), size});
  check_message(bytes_of(words, size));
  check_introduction(bytes_of(words, size));
  return 0;
}
