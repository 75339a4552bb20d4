// One UDP socket: non-blocking, drained until it is empty, never waited for when sending.
//
//  * Receiving: at most kBatch datagrams at a time, then others run: a flood must not keep timers and streams from
//    their turn. The buffer is larger than any datagram of the protocol, so that an oversized one is seen as such
//    instead of being cut to a valid length.
//  * Sending: what the kernel does not take at once is dropped and counted. A protocol over UDP lives with that; a
//    node that waits for a full queue stops answering probes, and is declared dead.
//  * A receive error that is not "nothing there" waits 100 ms: it may last, and must not spin.
#pragma once

#include "base/endpoint.h"
#include "node/driver/failure.h"

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>

namespace quorumor {

class UdpSocket : public std::enable_shared_from_this<UdpSocket> {
 public:
  using Receive = std::function<void(const Endpoint& from, Bytes datagram)>;
  static constexpr std::size_t kBatch = 256;
  static constexpr std::size_t kBuffer = 2048;
  static constexpr int kKernelBuffer = 1 << 20;  // asked for; the system may grant less

  explicit UdpSocket(boost::asio::io_context& loop) : socket_(loop), pause_(loop) {}

  // Port 0 picks one. IPv6 sockets take IPv6 only. On error: the system's own reason; the caller words it.
  boost::system::error_code open(const Endpoint& at, std::uint32_t scope);
  // Requires: open. From now on until close, datagrams go to `receive`, which may close this socket.
  void start(Receive receive);
  enum class Drained { empty, more, failed };
  // Hands over what is waiting, at most kBatch.
  Drained drain();
  // False: dropped.
  bool send(const Endpoint& to, Bytes datagram);
  void close();

  const Endpoint& local() const noexcept { return local_; }

 private:
  void wait();
  void wait_after_error();

  boost::asio::ip::udp::socket socket_;
  boost::asio::steady_timer pause_;
  Endpoint local_;
  Receive receive_;
  std::array<std::byte, kBuffer> buffer_;
};

}  // namespace quorumor
