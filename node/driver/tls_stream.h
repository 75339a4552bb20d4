// One TLS stream, from connect or accept to the end. It does what the core says and tells what happened:
//
//  * Before it is up: one deadline over TCP connect and TLS handshake. A peer without ALPN or an exporter is closed.
//  * Up: reads of at most 16 KiB; one write at a time; `drained` when everything that was sent is in TLS. A lifetime
//    ends a stream whose peer stalls, whatever the core thinks of it.
//  * The core closes: what it sent before still goes out (a refusal says why in its last byte), then close_notify,
//    then TCP's half close, and what the peer still sends is read and thrown away: closing with unread data would
//    reset the connection and the peer would lose that last byte. All within `linger`. No event any more.
//  * The peer closes, an error, a deadline: `closed`, once, as the last event; not for an incoming stream that never
//    came up, of which the core has not heard.
#pragma once

#include "node/core/output.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

namespace quorumor {

struct StreamTimes {
  Duration handshake = 5s;
  Duration lifetime = 60s;
  Duration linger = 2s;
};

class StreamOwner {
 public:
  virtual void on_event(StreamId id, const StreamEvent& event) = 0;
  // The stream holds nothing any more. Comes before `closed`, if that comes.
  virtual void on_gone(StreamId id) = 0;

 protected:
  ~StreamOwner() = default;
};

class TlsStream : public std::enable_shared_from_this<TlsStream> {
 public:
  static constexpr std::size_t kReadSize = 16 * 1024;
  // What the core sends between two `drained` is a few messages. A stream over this is a defect, and is closed.
  static constexpr std::size_t kQueueMax = 4 << 20;

  // Requires: `owner` outlives the stream or calls abandon.
  TlsStream(StreamOwner& owner, StreamId id, boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context,
            const StreamTimes& times);
  void connect(const Endpoint& to);
  void accept(const Endpoint& from);
  void send(Bytes bytes);
  void close();    // by the core
  void abandon();  // at once; nothing more is said to the owner

 private:
  using Error = boost::system::error_code;
  enum class State : std::uint8_t { opening, open, closing, shutting_down, dead };

  void handshake(boost::asio::ssl::stream_base::handshake_type side);
  void on_handshake(const Error& error);
  void read();
  void on_read(const Error& error, std::size_t size);
  void write();
  void on_written(const Error& error);
  void shut_down();
  void discard();
  void arm(Duration from_now);
  void on_deadline();
  void finish();  // the end, whatever brought it
  void release();
  boost::asio::ip::tcp::socket& socket() { return stream_.next_layer(); }

  StreamOwner* owner_;
  StreamId id_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::asio::steady_timer deadline_;
  StreamTimes times_;
  State state_ = State::opening;
  bool reading_ = false;
  Endpoint peer_;
  ByteVector read_buffer_;
  ByteVector queued_;
  ByteVector writing_;
};

}  // namespace quorumor
