// All TLS streams of a node: accepts, dials, and keeps the caps (stream_admission.h).
//
// Contract with the core: events of an id come in order; after `closed` the core says nothing more about it, and
// after the core's `close` nothing more comes from here. A dial that fails, or that there is no room for, ends in
// `closed`. No event is ever delivered from within carry_out.
// Running out of file descriptors pauses accepting for a second: the pending connection would otherwise wake the
// loop again at once, for ever.
#pragma once

#include "node/driver/driver_counters.h"
#include "node/driver/failure.h"
#include "node/driver/stream_admission.h"
#include "node/driver/tls_stream.h"

#include <unordered_map>
#include <vector>

namespace quorumor {

struct StreamsOptions {
  std::size_t streams_max = 64;
  bool loopback_cluster = false;
  StreamTimes times;
};

class Streams final : public std::enable_shared_from_this<Streams>, private StreamOwner {
 public:
  using Deliver = std::function<void(StreamId id, const StreamEvent& event)>;
  using IsKnown = std::function<bool(const Endpoint& address)>;  // of a member, whatever the port

  static Fallible<std::shared_ptr<Streams>> make(boost::asio::io_context& loop, const StreamsOptions& options,
                                                 DriverCounters& counters, Deliver deliver, IsKnown is_known);
  // Requires: `listening` is open and listens.
  void accept_from(boost::asio::ip::tcp::acceptor listening);
  void carry_out(const StreamRequest& request);
  // Closes everything at once; nothing is delivered any more.
  void close();

  std::size_t open() const noexcept { return admission_.open(); }

  struct Private;  // make_shared needs a public constructor; only `make` can name this
  Streams(Private&& made, boost::asio::io_context& loop, const StreamsOptions& options, DriverCounters& counters,
          Deliver deliver, IsKnown is_known);
  ~Streams();

 private:
  struct Listener;
  struct Entry {
    std::shared_ptr<TlsStream> stream;
    StreamAdmission::Ticket ticket = 0;
  };

  void on_event(StreamId id, const StreamEvent& event) override;
  void on_gone(StreamId id) override;
  void accept(const std::shared_ptr<Listener>& listener);
  void on_accepted(const std::shared_ptr<Listener>& listener, const boost::system::error_code& error,
                   boost::asio::ip::tcp::socket socket);
  void take(boost::asio::ip::tcp::socket socket);
  void dial(const StreamRequest& request);
  void refuse_dial(StreamId id);

  boost::asio::io_context& loop_;
  StreamTimes times_;
  StreamAdmission admission_;
  DriverCounters& counters_;
  Deliver deliver_;
  IsKnown is_known_;
  std::unique_ptr<Private> tls_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::unordered_map<StreamId, Entry> streams_;  // as many as admission lets in
  std::vector<StreamId> undialled_;              // `closed` is on its way for them
  StreamId last_inbound_ = kInboundStream;
  bool closed_ = false;
};

}  // namespace quorumor
