// Writes the seeds of fuzz/corpus/message and fuzz/corpus/stream: some of everything that is valid, and a few
// things that are nearly so. Run it from the repository's root after the schema or a layout has changed.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "../tests/wire/messages/message_samples.h"

using namespace quorumor;

namespace {

void save(const std::string& name, Bytes bytes) {
  std::ofstream out("fuzz/corpus/" + name, std::ios::binary);
  out << as_text(bytes);
  if (!out.flush()) std::fprintf(stderr, "cannot write fuzz/corpus/%s\n", name.c_str());
}

void save_message(const std::string& name, const Message& message) {
  test::DatagramBuffer out;
  save("message/" + name, encode_message(message, out.bytes()));
}

void make_messages(Rng& rng) {
  static constexpr const char* kNames[] = {
      "ping", "ack", "nack", "relay", "relayed", "hint", "want", "epoch_key_request", "epoch_key"};
  test::Storage storage;
  for (std::size_t kind = 0; kind < kMessageKinds; ++kind) {
    Message m = test::random_message(static_cast<MessageKind>(kind), rng, storage);
    save_message(kNames[kind], m);
    test::fill_with_rumors(m, rng, storage);
    save_message(std::string(kNames[kind]) + "_rumors", m);
  }
  for (std::size_t kind = 1; kind <= kRumorKinds; ++kind) {
    Message m = test::random_message(MessageKind::ping, rng, storage);
    m.rumors.push_back(test::random_rumor(static_cast<RumorKind>(kind), rng, storage));
    save_message("rumor_" + std::to_string(kind), m);
  }
  for (const bool reply : {false, true}) {
    test::DatagramBuffer out;
    const Introduction introduction{reply, test::random_rumor(RumorKind::credential, rng, storage).record,
                                    test::random_rumor(RumorKind::core, rng, storage).record};
    save(reply ? "message/introduction_reply" : "message/introduction", encode_introduction(introduction, out.bytes()));
  }
  test::DatagramBuffer out;
  const Bytes ping = encode_message(test::random_message(MessageKind::ping, rng, storage), out.bytes());
  save("message/half_a_ping", ping.first(40));
  save("message/odd_size", ping.first(79));
}

void make_streams(Rng& rng) {
  test::Storage storage;
  ByteVector all{std::byte{0xff}};
  for (std::size_t i = 0; i < 16; ++i) {
    const auto kind = static_cast<StreamKind>(i % 4);
    const bool large = kind == StreamKind::rumors;  // an odd first byte means the larger cap
    ByteVector one{static_cast<std::byte>(i * 16 + (large ? 1 : 0))};
    const auto message = test::random_stream_message(kind, rng, storage);
    append_stream_message(message, one);
    save("stream/message_" + std::to_string(i), one);
    if (i < 4) append_stream_message(message, all);
  }
  append_refusal(Refusal::revoked, all);
  save("stream/several", all);
  for (const unsigned reason : {1U, 9U, 0U, 200U}) {
    ByteVector refusal{std::byte{3}};
    append_refusal(static_cast<Refusal>(reason), refusal);
    save("stream/refusal_" + std::to_string(reason), refusal);
  }
  for (const std::uint32_t length : {0U, 2U, 4096U, 4104U, 65536U, 0xffffffffU}) {
    ByteVector head(1 + 4 + 16);
    store_le<std::uint32_t>(&head[1], length);
    save("stream/length_" + std::to_string(length), head);
  }
}

}  // namespace

int main() {
  std::filesystem::create_directories("fuzz/corpus/message");
  std::filesystem::create_directories("fuzz/corpus/stream");
  auto rng = test::test_rng("seeds");
  make_messages(rng);
  make_streams(rng);
  return 0;
}
