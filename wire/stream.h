// What TLS streams carry (PROTOCOL section 7): messages behind a u32 little-endian length, with a hard cap that
// is checked before anything is allocated: 4 KiB until the peer has authenticated, 64 KiB after.
// A length of 1 is a refusal: one byte that says why, the last thing before close.
#pragma once

#include "base/result.h"
#include "wire/message.h"

#include <optional>
#include <vector>

namespace quorumor {

enum class Refusal : std::uint8_t {  // wire values
  not_our_cluster = 1,
  expired = 2,
  revoked = 3,
  unknown_version = 4,
  busy = 5,
  bad_proof = 6,
  not_yet_valid = 7,
  no_ring = 8,
  malformed = 9
};

struct Hello {
  ClusterId cluster{};
  std::uint8_t version_min = limits::kVersion;
  std::uint8_t version_max = limits::kVersion;
  Bytes credential;  // content || signature
  Signature proof{};
  bool probe = false;  // only to see whether the peer is there: hellos, and what the server believes of the client
  // content || signature each, in an order in which each is signed by the root or one before it.
  boost::container::static_vector<Bytes, kEndorsedMax> endorsements{};
};
struct RingEntryView {
  Bytes announcement;  // content || signature
  Bytes signer;        // content || signature
  Digest seed{};
  Bytes key;  // 32 bytes or empty
};
struct RingView {
  Epoch floor;
  boost::container::static_vector<RingEntryView, 4> entries;
  boost::container::static_vector<Bytes, 16> chain;  // contents of announcements before them
};

enum class StreamKind : std::uint8_t { hello, ring, rumors, done };

struct StreamMessage {
  StreamKind kind = StreamKind::done;
  Hello hello;
  RingView ring;
  std::vector<Rumor> rumors;  // at most limits::kStreamRumors; may be none
};

// As decode_message, with room for limits::kStreamMessage bytes. Views point into `plain`. Allocates only
// out.rumors, and only after the count is known to be within the limit.
Result<void, DecodeError> decode_stream_message(Bytes plain, StreamMessage& out);
// Exact size of the encoded message (bytes), length prefix excluded. A sender that fills a batch up to
// limits::kStreamMessage adds rumor_size for each further rumor to the size with one.
std::size_t stream_message_size(const StreamMessage& message) noexcept;
// Appends the length and the message to `out`. Requires: stream_message_size <= limits::kStreamMessage, at most
// limits::kStreamRumors rumors.
void append_stream_message(const StreamMessage& message, ByteVector& out);
void append_refusal(Refusal reason, ByteVector& out);

// Cuts a byte stream into frames. Holds at most one partial frame; allocates exactly what its length announces,
// once that is known to be within the cap. A length that is over the cap, 0, or no whole number of words (except
// a refusal's 1) is bad_length, and stays so: after it nothing says where the next frame begins.
class StreamReader {
 public:
  enum class Status : std::uint8_t { need_more, frame, refusal, bad_length };
  struct Next {
    Status status = Status::need_more;
    Bytes frame;                           // 8-aligned; valid until the next call
    Refusal refusal = Refusal::malformed;  // an unknown reason counts as malformed
  };
  explicit StreamReader(std::size_t cap = limits::kStreamUnauthenticated) : cap_(cap) {}
  void set_cap(std::size_t cap) noexcept { cap_ = cap; }
  // Takes what it can use of `in` and advances it. Call until need_more (or bad_length: then close the stream).
  Next next(Bytes& in);

 private:
  bool begin_frame(std::size_t length);

  std::size_t cap_;
  ByteArray<4> head_{};
  std::size_t head_used_ = 0;
  std::vector<std::uint64_t> words_;  // the frame, aligned
  std::byte refusal_{};
  std::size_t size_ = 0;  // of the frame under way; 0 while its length is still being read
  std::size_t used_ = 0;
  bool broken_ = false;
};

// What each side signs (SignDomain::session): its role, both ids are in the credentials.
// content = role u8 (0 client, 1 server) || TLS exporter 32
ByteArray<33> session_proof_content(bool server, const ByteArray<32>& exporter) noexcept;

}  // namespace quorumor
