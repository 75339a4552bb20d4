// Two nodes' streams on loopback, and strangers that dial them.
#pragma once

#include "helpers.h"
#include "node/driver/binding.h"
#include "node/driver/streams.h"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <map>
#include <memory>

namespace quorumor::test {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Seen {
  int connected = 0;
  int drained = 0;
  int closed = 0;
  std::string data;
  Endpoint peer;
  ByteArray<32> exporter{};
};

// One node's streams, and everything that its core would have heard.
struct Side {
  explicit Side(asio::io_context& loop, StreamsOptions options = default_options()) : loop_(loop) {
    auto made = Streams::make(
        loop, options, counters, [this](StreamId id, const StreamEvent& event) { on_event(id, event); },
        [](const Endpoint&) { return false; });
    REQUIRE(made.has_value());
    streams = std::move(made).value();
  }
  static StreamsOptions default_options() {
    StreamsOptions out;
    out.loopback_cluster = true;
    return out;
  }
  Endpoint listen() {
    auto bound = bind_all(loop_, {"127.0.0.1:0"});
    REQUIRE(bound.has_value());
    streams->accept_from(std::move(bound.value()[0].acceptor));
    return bound.value()[0].at;
  }
  void ask(StreamRequest::Action action, StreamId id, Endpoint to = {}, std::string_view bytes = {}) {
    StreamRequest request;
    request.action = action;
    request.id = id;
    request.to = to;
    request.bytes = as_bytes(bytes);
    streams->carry_out(request);
  }
  void dial(StreamId id, const Endpoint& to) { ask(StreamRequest::Action::dial, id, to); }
  void send(StreamId id, std::string_view bytes) { ask(StreamRequest::Action::send, id, {}, bytes); }
  void close(StreamId id) { ask(StreamRequest::Action::close, id); }

  void on_event(StreamId id, const StreamEvent& event) {
    Seen& s = seen[id];
    CHECK(s.closed == 0);  // nothing after the end
    switch (event.kind) {
      case StreamEvent::Kind::connected:
        ++s.connected;
        s.peer = event.peer;
        s.exporter = event.exporter;
        break;
      case StreamEvent::Kind::data:
        CHECK(event.data.size() <= TlsStream::kReadSize);
        s.data += as_text(event.data);
        break;
      case StreamEvent::Kind::drained:
        ++s.drained;
        break;
      case StreamEvent::Kind::closed:
        ++s.closed;
        break;
    }
    if (react) react(id, event);
  }

  asio::io_context& loop_;
  DriverCounters counters;
  std::map<StreamId, Seen> seen;
  std::function<void(StreamId, const StreamEvent&)> react;
  std::shared_ptr<Streams> streams;
};

inline constexpr StreamId kFirstInbound = kInboundStream | 1;

struct TwoSides {
  asio::io_context loop{1};
  Side a{loop};
  Side b{loop};
  Endpoint at = b.listen();

  void connect() {
    a.dial(1, at);
    REQUIRE(run_until(loop, [&] { return a.seen[1].connected == 1 && b.seen[kFirstInbound].connected == 1; }));
  }
  bool all_gone() { return a.streams->open() == 0 && b.streams->open() == 0; }
};

// Somebody who only speaks TCP.
struct Stranger {
  Stranger(asio::io_context& loop, const Endpoint& at) : socket(loop) {
    socket.connect({asio::ip::address_v4::loopback(), at.port});
    wait_for_end();
  }
  void wait_for_end() {
    socket.async_read_some(asio::buffer(buffer), [this](const boost::system::error_code& error, std::size_t) {
      if (error) {
        ended = true;
      } else {
        wait_for_end();
      }
    });
  }
  tcp::socket socket;
  std::array<char, 256> buffer{};
  bool ended = false;
};

}  // namespace quorumor::test
