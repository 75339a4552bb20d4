#include "node/driver/tls_stream.h"

#include "node/driver/asio_endpoint.h"
#include "node/driver/tls.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace quorumor {

namespace asio = boost::asio;
using asio::ip::tcp;

TlsStream::TlsStream(StreamOwner& owner, StreamId id, tcp::socket socket, asio::ssl::context& context,
                     const StreamTimes& times)
    : owner_(&owner), id_(id), stream_(std::move(socket), context), deadline_(stream_.get_executor()), times_(times) {}

void TlsStream::connect(const Endpoint& to) {
  peer_ = to;
  arm(times_.handshake);
  socket().async_connect(to_asio<tcp>(to), [self = shared_from_this()](const Error& error) {
    if (self->state_ != State::opening) return;
    if (error) return self->finish();
    self->handshake(asio::ssl::stream_base::client);
  });
}

void TlsStream::accept(const Endpoint& from) {
  peer_ = from;
  arm(times_.handshake);
  handshake(asio::ssl::stream_base::server);
}

void TlsStream::handshake(asio::ssl::stream_base::handshake_type side) {
  Error ignored;  // a delay of small writes is all that this could cost
  socket().set_option(tcp::no_delay{true}, ignored);
  stream_.async_handshake(side, [self = shared_from_this()](const Error& error) { self->on_handshake(error); });
}

void TlsStream::on_handshake(const Error& error) {
  if (state_ != State::opening) return;
  StreamEvent event;
  event.kind = StreamEvent::Kind::connected;
  event.peer = peer_;
  if (error || !export_session(stream_.native_handle(), event.exporter)) return finish();
  state_ = State::open;
  arm(times_.lifetime);
  read_buffer_.resize(kReadSize);
  owner_->on_event(id_, event);
  write();  // what was sent before the stream was up
  read();
}

void TlsStream::read() {
  if (state_ != State::open || reading_) return;
  reading_ = true;
  stream_.async_read_some(
      asio::buffer(read_buffer_),
      [self = shared_from_this()](const Error& error, std::size_t size) { self->on_read(error, size); });
}

void TlsStream::on_read(const Error& error, std::size_t size) {
  reading_ = false;
  if (state_ == State::shutting_down) return shut_down();
  if (state_ == State::closing) return;  // on_written goes on
  if (state_ != State::open) return;
  if (size > 0) {
    StreamEvent event;
    event.kind = StreamEvent::Kind::data;
    event.data = Bytes(read_buffer_).first(size);
    owner_->on_event(id_, event);
  }
  if (state_ != State::open) return;  // the core closed it over that
  if (error) return finish();
  read();
}

void TlsStream::send(Bytes bytes) {
  if (state_ != State::opening && state_ != State::open) return;
  if (bytes.size() > kQueueMax - queued_.size()) {
    // Not from here: the core is in the middle of a call.
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->finish(); });
    return;
  }
  queued_.insert(queued_.end(), bytes.begin(), bytes.end());
  write();
}

void TlsStream::write() {
  if ((state_ != State::open && state_ != State::closing) || !writing_.empty() || queued_.empty()) return;
  writing_.swap(queued_);
  asio::async_write(stream_, asio::buffer(writing_),
                    [self = shared_from_this()](const Error& error, std::size_t) { self->on_written(error); });
}

void TlsStream::on_written(const Error& error) {
  writing_.clear();
  if (state_ != State::open && state_ != State::closing) return;
  if (error) {
    // The peer may have said why before it closed: the read that is pending hears that first, then the end.
    queued_.clear();
    if (state_ == State::open && reading_) return;
    return finish();
  }
  if (!queued_.empty()) return write();
  if (state_ == State::closing) return shut_down();
  writing_ = {};
  queued_ = {};  // an idle stream holds no memory for what it once sent
  StreamEvent event;
  event.kind = StreamEvent::Kind::drained;
  owner_->on_event(id_, event);
}

void TlsStream::close() {
  if (state_ == State::opening) return release();
  if (state_ != State::open) return;
  state_ = State::closing;
  arm(times_.linger);
  if (writing_.empty()) shut_down();
}

void TlsStream::shut_down() {
  state_ = State::shutting_down;
  if (reading_) {
    Error ignored;
    socket().cancel(ignored);  // on_read comes back here: TLS has one reader at a time
    return;
  }
  stream_.async_shutdown([self = shared_from_this()](const Error&) {
    if (self->state_ != State::shutting_down) return;
    Error ignored;
    self->socket().shutdown(tcp::socket::shutdown_send, ignored);
    self->discard();
  });
}

void TlsStream::discard() {
  socket().async_read_some(asio::buffer(read_buffer_), [self = shared_from_this()](const Error& error, std::size_t) {
    if (self->state_ != State::shutting_down) return;
    if (error) return self->release();
    self->discard();
  });
}

void TlsStream::arm(Duration from_now) {
  deadline_.expires_after(from_now);
  deadline_.async_wait([weak = weak_from_this()](const Error& error) {
    const auto self = weak.lock();
    if (self && !error) self->on_deadline();
  });
}

void TlsStream::on_deadline() {
  // It may have been armed anew while this call was already on its way.
  if (deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
  finish();
}

void TlsStream::finish() {
  // An incoming stream that never came up is nothing that the core knows of.
  const bool dialling = state_ == State::opening && (id_ & kInboundStream) == 0;
  const bool tell = dialling || state_ == State::open;
  StreamOwner* const owner = owner_;
  release();
  if (!tell || owner == nullptr) return;
  StreamEvent event;
  event.kind = StreamEvent::Kind::closed;
  owner->on_event(id_, event);
}

void TlsStream::abandon() {
  owner_ = nullptr;
  release();
}

void TlsStream::release() {
  if (state_ == State::dead) return;
  state_ = State::dead;
  Error ignored;
  socket().close(ignored);
  deadline_.cancel();
  if (owner_ != nullptr) owner_->on_gone(id_);
  owner_ = nullptr;
}

}  // namespace quorumor
