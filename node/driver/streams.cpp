#include "node/driver/streams.h"

#include "base/assert.h"
#include "node/driver/asio_endpoint.h"
#include "node/driver/tls.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace quorumor {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr std::chrono::seconds kAcceptPause{1};
}  // namespace

struct Streams::Private {
  TlsContexts contexts;
};

struct Streams::Listener {
  tcp::acceptor acceptor;
  asio::steady_timer pause;
};

Fallible<std::shared_ptr<Streams>> Streams::make(asio::io_context& loop, const StreamsOptions& options,
                                                 DriverCounters& counters, Deliver deliver, IsKnown is_known) {
  BOOST_OUTCOME_TRY(TlsContexts contexts, make_tls_contexts());
  return std::make_shared<Streams>(Private{std::move(contexts)}, loop, options, counters, std::move(deliver),
                                   std::move(is_known));
}

Streams::Streams(Private&& made, asio::io_context& loop, const StreamsOptions& options, DriverCounters& counters,
                 Deliver deliver, IsKnown is_known)
    : loop_(loop),
      times_(options.times),
      admission_(StreamCaps::from(options.streams_max, options.loopback_cluster)),
      counters_(counters),
      deliver_(std::move(deliver)),
      is_known_(std::move(is_known)),
      tls_(std::make_unique<Private>(std::move(made))) {}

Streams::~Streams() { close(); }

void Streams::accept_from(tcp::acceptor listening) {
  auto listener = std::make_shared<Listener>(Listener{std::move(listening), asio::steady_timer{loop_}});
  listeners_.push_back(listener);
  accept(listener);
}

void Streams::accept(const std::shared_ptr<Listener>& listener) {
  if (closed_) return;
  listener->acceptor.async_accept([self = weak_from_this(), listener](const error_code& error, tcp::socket socket) {
    if (const auto streams = self.lock()) streams->on_accepted(listener, error, std::move(socket));
  });
}

void Streams::on_accepted(const std::shared_ptr<Listener>& listener, const error_code& error, tcp::socket socket) {
  if (closed_) return;
  if (!error) take(std::move(socket));
  if (!error || error == asio::error::connection_aborted) return accept(listener);
  ++counters_.accept_failures;
  listener->pause.expires_after(kAcceptPause);
  listener->pause.async_wait([self = weak_from_this(), listener](const error_code& cancelled) {
    const auto streams = self.lock();
    if (streams && !cancelled) streams->accept(listener);
  });
}

void Streams::take(tcp::socket socket) {
  error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return;  // gone already
  const Endpoint peer = from_asio(remote);
  const auto ticket = admission_.admit_inbound(peer, is_known_);
  if (!ticket) {
    ++counters_.streams_refused;
    return;
  }
  ++counters_.streams_accepted;
  const StreamId id = ++last_inbound_;
  auto stream = std::make_shared<TlsStream>(static_cast<StreamOwner&>(*this), id, std::move(socket),
                                            tls_->contexts.server, times_);
  streams_.emplace(id, Entry{stream, *ticket});
  stream->accept(peer);
}

void Streams::refuse_dial(StreamId id) {
  ++counters_.streams_undialled;
  undialled_.push_back(id);
  asio::post(loop_, [self = weak_from_this(), id] {
    const auto streams = self.lock();
    // Not if the core closed it meanwhile.
    if (!streams || streams->closed_ || std::erase(streams->undialled_, id) == 0) return;
    StreamEvent event;
    event.kind = StreamEvent::Kind::closed;
    streams->deliver_(id, event);
  });
}

void Streams::dial(const StreamRequest& request) {
  const auto ticket = admission_.admit_outbound();
  if (!ticket) return refuse_dial(request.id);
  auto stream = std::make_shared<TlsStream>(static_cast<StreamOwner&>(*this), request.id, tcp::socket{loop_},
                                            tls_->contexts.client, times_);
  const bool added = streams_.emplace(request.id, Entry{stream, *ticket}).second;
  QUORUMOR_ASSERT(added);  // the core never gives an id twice
  stream->connect(request.to);
}

void Streams::carry_out(const StreamRequest& request) {
  if (closed_) return;
  if (request.action == StreamRequest::Action::dial) return dial(request);
  const auto found = streams_.find(request.id);
  if (found == streams_.end()) {  // it ended while the request was on its way, or was never dialled
    if (request.action == StreamRequest::Action::close) std::erase(undialled_, request.id);
    return;
  }
  const std::shared_ptr<TlsStream> stream = found->second.stream;
  if (request.action == StreamRequest::Action::close) return stream->close();
  admission_.proven(found->second.ticket);
  stream->send(request.bytes);
}

void Streams::on_event(StreamId id, const StreamEvent& event) {
  if (!closed_) deliver_(id, event);
}

void Streams::on_gone(StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  admission_.release(found->second.ticket);
  streams_.erase(found);
}

void Streams::close() {
  if (closed_) return;
  closed_ = true;
  for (const auto& listener : listeners_) {
    error_code ignored;
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
  for (const auto& [id, entry] : streams_) entry.stream->abandon();
  streams_.clear();
}

}  // namespace quorumor
