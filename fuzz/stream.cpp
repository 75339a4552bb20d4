// StreamReader over any bytes, and decode_stream_message over the frames that it cuts. The first input byte picks
// the cap and the size of the pieces that the stream arrives in. Frames must not depend on the pieces; a message
// that is accepted must encode again to something that decodes to the same fields.
#include "../tests/wire/messages/message_samples.h"

using namespace quorumor;

namespace {

struct Got {
  StreamReader::Status status;
  ByteVector frame;
  Refusal refusal;
  friend bool operator==(const Got&, const Got&) = default;
};

void check_message(Bytes frame) {
  StreamMessage first;
  if (!decode_stream_message(frame, first)) return;
  // A sender may leave out words that we always write: then ours can be too long.
  if (stream_message_size(first) > limits::kStreamMessage) return;
  ByteVector encoded;
  append_stream_message(first, encoded);
  const auto words = test::aligned_copy(Bytes(encoded).subspan(4));
  StreamMessage second;
  QUORUMOR_ASSERT(decode_stream_message(std::as_bytes(std::span(words)), second));
  QUORUMOR_ASSERT(test::same(first, second));
}

std::vector<Got> read_in_pieces(Bytes stream, std::size_t cap, std::size_t piece) {
  StreamReader reader(cap);
  std::vector<Got> out;
  while (!stream.empty()) {
    Bytes in = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(in.size());
    for (;;) {
      const auto next = reader.next(in);
      if (next.status == StreamReader::Status::need_more) break;
      QUORUMOR_ASSERT(next.frame.size() <= cap);
      out.push_back({next.status, to_vector(next.frame), next.refusal});
      if (next.status == StreamReader::Status::frame) check_message(next.frame);
      if (next.status == StreamReader::Status::bad_length) return out;
    }
    QUORUMOR_ASSERT(in.empty());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cap = data[0] % 2 == 0 ? limits::kStreamUnauthenticated : limits::kStreamMessage;
  const std::size_t piece = 1 + data[0] / 2;
  const Bytes stream{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  QUORUMOR_ASSERT(read_in_pieces(stream, cap, piece) == read_in_pieces(stream, cap, size));
  return 0;
}
