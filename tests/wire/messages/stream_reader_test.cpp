// Frames out of a stream: whole, however it is cut, and no memory for what is not wanted.
#include "wire/stream.h"

#include <doctest/doctest.h>

#include "allocations.h"
#include "message_samples.h"

namespace quorumor {
namespace {

using test::Storage;
using Status = StreamReader::Status;

struct Got {
  Status status;
  ByteVector frame;
  Refusal refusal;
  friend bool operator==(const Got&, const Got&) = default;
};

// Feeds `stream` in pieces as `piece` says, and collects whatever comes out but need_more.
template <class Piece>
std::vector<Got> read_all(StreamReader& reader, Bytes stream, Piece piece) {
  std::vector<Got> out;
  while (!stream.empty()) {
    Bytes in = stream.first(std::min<std::size_t>(piece(), stream.size()));
    stream = stream.subspan(in.size());
    for (;;) {
      const auto next = reader.next(in);
      if (next.status == Status::need_more) break;
      CHECK(reinterpret_cast<std::uintptr_t>(next.frame.data()) % 8 == 0);
      out.push_back({next.status, to_vector(next.frame), next.refusal});
      if (next.status == Status::bad_length) return out;
    }
    CHECK(in.empty());
  }
  return out;
}

TEST_CASE("frames come out as they went in, however the stream is cut") {
  auto rng = test::test_rng("cuts");
  Storage storage;
  ByteVector stream;
  std::vector<Got> expected;
  for (const StreamKind kind : {StreamKind::hello, StreamKind::done, StreamKind::ring, StreamKind::rumors}) {
    const std::size_t at = stream.size() + 4;
    append_stream_message(test::random_stream_message(kind, rng, storage), stream);
    expected.push_back({Status::frame, to_vector(Bytes(stream).subspan(at)), Refusal::malformed});
  }
  append_refusal(Refusal::expired, stream);
  expected.push_back({Status::refusal, {}, Refusal::expired});

  const auto whole = [&] { return stream.size(); };
  const auto byte = [] { return std::size_t{1}; };
  const auto any = [&] { return test::between(rng, 1, 100); };
  StreamReader reader(limits::kStreamMessage);
  CHECK(read_all(reader, stream, whole) == expected);
  CHECK(read_all(reader, stream, byte) == expected);
  for (int i = 0; i < 20; ++i) CHECK(read_all(reader, stream, any) == expected);
}

TEST_CASE("nothing in, nothing out") {
  StreamReader reader;
  Bytes none;
  CHECK(reader.next(none).status == Status::need_more);
}

ByteVector head(std::uint32_t length) {
  ByteVector out(4);
  store_le<std::uint32_t>(out.data(), length);
  return out;
}

TEST_CASE("a bad length ends the stream before anything is allocated") {
  for (const std::uint32_t length : {0U, 2U, 3U, 7U, 9U, 4097U, 4104U, 65536U, 0x80000000U, 0xfffffff8U, ~0U}) {
    StreamReader reader;
    const ByteVector stream = head(length);
    Bytes in = stream;
    const test::Allocations allocations;
    const auto next = reader.next(in);
    const std::size_t allocated = allocations.count();
    CAPTURE(length);
    CHECK(next.status == Status::bad_length);
    CHECK(allocated == 0);
    // And it stays ended, whatever the cap: nothing says where the next frame would begin.
    reader.set_cap(~std::size_t{0});
    ByteVector done;
    append_stream_message(StreamMessage{}, done);
    in = done;
    CHECK(reader.next(in).status == Status::bad_length);
    CHECK(in.size() == done.size());
  }
}

TEST_CASE("the cap itself is allowed, and moves once the peer has authenticated") {
  ByteVector stream = head(4096);
  stream.resize(4 + 4096, std::byte{1});
  StreamReader reader;
  Bytes in = stream;
  CHECK(reader.next(in).frame.size() == 4096);

  ByteVector large = head(65536);
  large.resize(4 + 65536);
  reader.set_cap(limits::kStreamMessage);
  in = large;
  CHECK(reader.next(in).frame.size() == 65536);
  const ByteVector larger = head(65544);
  in = larger;
  CHECK(reader.next(in).status == Status::bad_length);
}

TEST_CASE("memory is exactly what a frame announces, also after a smaller one") {
  StreamReader reader(limits::kStreamMessage);
  for (const std::uint32_t length : {40'000U, 48'000U}) {
    ByteVector stream = head(length);
    stream.resize(4 + length);
    Bytes in = stream;
    const test::Allocations allocations;
    const auto status = reader.next(in).status;
    const std::size_t largest = allocations.largest();
    CHECK(status == Status::frame);
    CHECK(largest == length);
  }
}

TEST_CASE("refusals by number; an unknown one is malformed") {
  for (int value = 0; value < 256; ++value) {
    ByteVector stream = head(1);
    stream.push_back(static_cast<std::byte>(value));
    StreamReader reader;
    Bytes in = stream;
    const auto next = reader.next(in);
    CHECK(next.status == Status::refusal);
    CHECK(next.refusal == (value >= 1 && value <= 9 ? static_cast<Refusal>(value) : Refusal::malformed));
  }
}

TEST_CASE("a refusal is five bytes") {
  ByteVector out;
  append_refusal(Refusal::busy, out);
  CHECK(to_hex(out) == "0100000005");
}

}  // namespace
}  // namespace quorumor
