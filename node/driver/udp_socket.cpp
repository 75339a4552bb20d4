#include "node/driver/udp_socket.h"

#include "node/driver/asio_endpoint.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

namespace quorumor {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

error_code UdpSocket::open(const Endpoint& at, std::uint32_t scope) {
  const udp::endpoint endpoint = to_asio<udp>(at, scope);
  error_code error;
  socket_.open(endpoint.protocol(), error);
  // IPv4 has a socket of its own; mapped addresses would make one host look like two.
  if (!error && at.family == Endpoint::Family::v6) socket_.set_option(asio::ip::v6_only{true}, error);
  if (!error) {
    error_code refused;  // a smaller buffer is no reason not to run
    socket_.set_option(asio::socket_base::receive_buffer_size{kKernelBuffer}, refused);
    socket_.non_blocking(true, error);
  }
  if (!error) socket_.bind(endpoint, error);
  if (!error) {
    const udp::endpoint bound = socket_.local_endpoint(error);
    if (!error) local_ = from_asio(bound);
  }
  if (error) close();
  return error;
}

void UdpSocket::start(Receive receive) {
  receive_ = std::move(receive);
  wait();
}

void UdpSocket::wait() {
  if (!socket_.is_open()) return;
  socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](error_code error) {
    if (!self->socket_.is_open() || error == asio::error::operation_aborted) return;
    const Drained drained = error ? Drained::failed : self->drain();
    if (drained == Drained::failed) return self->wait_after_error();
    if (drained == Drained::empty) return self->wait();
    // More is waiting: behind everything else that is ready to run.
    asio::post(self->socket_.get_executor(), [self] { self->wait(); });
  });
}

void UdpSocket::wait_after_error() {
  pause_.expires_after(std::chrono::milliseconds{100});
  pause_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->wait();
  });
}

UdpSocket::Drained UdpSocket::drain() {
  for (std::size_t i = 0; i < kBatch; ++i) {
    if (!socket_.is_open()) return Drained::empty;
    udp::endpoint from;
    error_code error;
    const std::size_t size = socket_.receive_from(asio::buffer(buffer_), from, 0, error);
    if (error) return error == asio::error::would_block ? Drained::empty : Drained::failed;
    receive_(from_asio(from), Bytes(buffer_).first(size));
  }
  return Drained::more;
}

bool UdpSocket::send(const Endpoint& to, Bytes datagram) {
  if (!socket_.is_open()) return false;
  error_code error;
  socket_.send_to(asio::buffer(datagram.data(), datagram.size()), to_asio<udp>(to), 0, error);
  return !error;
}

void UdpSocket::close() {
  error_code ignored;
  socket_.close(ignored);
  pause_.cancel();
}

}  // namespace quorumor
