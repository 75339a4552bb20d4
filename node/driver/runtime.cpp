#include "node/driver/runtime.h"

#include "base/assert.h"
#include "node/driver/binding.h"
#include "node/driver/boot.h"
#include "node/driver/clock.h"
#include "node/driver/core_answers.h"
#include "node/driver/note_limiter.h"
#include "node/driver/persister.h"
#include "node/driver/seed_resolver.h"
#include "node/driver/streams.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <type_traits>

namespace quorumor {

namespace asio = boost::asio;
namespace {

constexpr Duration kWallInterval = 10s;
// A timer this late means that the process was paused, or the machine overloaded.
constexpr Duration kLate = 100ms;
// More than a kernel buffer holds; a flood that goes on meanwhile does not hold the timer for ever.
constexpr int kLateBatches = 16;

}  // namespace

struct Runtime::Impl {
  Impl(asio::io_context& the_loop, Clock the_clock, Boot&& booted, EventSink event, NoteSink note, StopSink stop)
      : loop(the_loop),
        clock(the_clock),
        lock(std::move(booted.lock)),
        directory(booted.directory),
        label(std::move(booted.label)),
        credential(booted.core.credential.credential),
        cluster(booted.core.cluster),
        config(booted.config),
        on_event(std::move(event)),
        on_note(std::move(note)),
        on_stop(std::move(stop)),
        timer(the_loop) {}

  Fallible<void> open(const RuntimeOptions& options, Boot& booted);
  Fallible<void> begin(const RuntimeOptions& options, Boot& booted);
  void note(const std::string& line);

  // Every call into the core goes through here: its outputs are carried out before anything else happens.
  template <class Call>
  void call(Call&& make);
  void carry_out(std::span<const Output> outputs);
  void carry_out_one(const Transmit& transmit);
  void carry_out_one(const StreamRequest& request) { streams->carry_out(request); }
  void carry_out_one(const Event& event);
  void carry_out_one(const Persist& persist);
  void tell(const Event& event);

  void arm();
  void on_timer();
  void join(const std::vector<std::string>& texts);
  Fallible<void> broadcast(std::string_view name, Bytes payload, std::chrono::milliseconds ttl);
  Fallible<void> renew();
  template <class Command>
  Fallible<void> command(Command&& make);
  void stop_because(Failure why);
  void close();

  asio::io_context& loop;
  Clock clock;
  std::optional<FileLock> lock;
  StateDirectory directory;
  std::string label;
  Credential credential;
  ClusterId cluster;
  ValidatedConfig config;
  EventSink on_event;
  NoteSink on_note;
  StopSink on_stop;
  NoteLimiter limiter;
  DriverCounters counters;

  HelperThread helper;
  std::vector<std::shared_ptr<UdpSocket>> sockets;
  std::vector<Endpoint> listening;
  std::vector<Endpoint> advertised;
  std::shared_ptr<Streams> streams;
  std::shared_ptr<Persister> persister;
  std::shared_ptr<SeedResolver> resolver;
  std::unique_ptr<NodeCore> core;

  asio::steady_timer timer;
  std::optional<Instant> armed;
  Instant wall_due{};
  std::optional<Failure> stopped_by;
  bool started = false;  // before that, events wait for the loop
  bool in_core = false;  // its outputs are being carried out
  bool closed = false;
  // Handlers that may run after this object is gone hold it weakly.
  std::shared_ptr<char> alive = std::make_shared<char>();

  template <class Then>
  void post(Then then) {
    asio::post(loop, [weak = std::weak_ptr<char>(alive), then = std::move(then)] {
      if (weak.lock()) then();
    });
  }
};

// --- starting ---

Fallible<void> Runtime::Impl::open(const RuntimeOptions& options, Boot& booted) {
  BOOST_OUTCOME_TRY(std::vector<Binding> bindings, bind_all(loop, options.bind));
  for (const Binding& binding : bindings) listening.push_back(binding.at);
  BOOST_OUTCOME_TRY(advertised, choose_advertised(options.advertise, listening));

  StreamsOptions with;
  with.streams_max = config->streams_max;
  with.loopback_cluster = advertised.front().is_loopback();
  with.times.handshake = config->stream_deadline;
  // The core has deadlines of its own for both parts; this one is for a core that forgot.
  with.times.lifetime = config->stream_deadline + config->sync_deadline + 5s;
  BOOST_OUTCOME_TRY(streams, Streams::make(
                                 loop, with, counters,
                                 [this](StreamId id, const StreamEvent& event) {
                                   call([&](Instant now) { return core->on_stream(now, id, event); });
                                 },
                                 [this](const Endpoint& address) { return is_member_address(*core, address); }));
  const auto say = [this](const std::string& line) { note(line); };
  persister = std::make_shared<Persister>(loop, helper, booted.directory, counters, say);
  resolver = std::make_shared<SeedResolver>(
      loop, helper,
      [this](const std::vector<Endpoint>& news) { call([&](Instant now) { return core->join(now, news); }); }, say,
      resolve, SeedResolver::Times{});

  booted.core.advertise = advertised;
  core = std::make_unique<NodeCore>(std::move(booted.core), config, clock.now(), Clock::wall_now());
  for (Binding& binding : bindings) {
    sockets.push_back(binding.udp);
    binding.udp->start([this](const Endpoint& from, Bytes datagram) {
      call([&](Instant now) { return core->on_datagram(now, from, datagram); });
    });
    streams->accept_from(std::move(binding.acceptor));
  }
  return success();
}

Fallible<void> Runtime::Impl::begin(const RuntimeOptions& options, Boot& booted) {
  call([&](Instant now) { return core->start(now); });
  if (booted.bootstrap && !closed) {
    call([&](Instant now) { return core->bootstrap(now, options.parameters); });
  }
  if (stopped_by) return *stopped_by;
  for (const HostPort& name : booted.named_seeds) resolver->add(name);
  for (const std::string& line : booted.notes) note(line);
  started = true;
  return success();
}

Fallible<std::unique_ptr<Runtime>> Runtime::start(asio::io_context& loop, RuntimeOptions options, EventSink on_event,
                                                  NoteSink on_note, StopSink on_stop) {
  const Clock clock;
  BOOST_OUTCOME_TRY(Boot booted, boot(options, Clock::wall_now()));
  auto impl = std::make_unique<Impl>(loop, clock, std::move(booted), std::move(on_event), std::move(on_note),
                                     std::move(on_stop));
  std::unique_ptr<Runtime> out{new Runtime(std::move(impl))};  // from here on, its destructor cleans up
  BOOST_OUTCOME_TRYV(out->impl_->open(options, booted));
  BOOST_OUTCOME_TRYV(out->impl_->begin(options, booted));
  return out;
}

// --- carrying out ---

template <class Call>
void Runtime::Impl::call(Call&& make) {
  if (closed) return;
  QUORUMOR_ASSERT(!in_core);
  in_core = true;
  carry_out(make(clock.now()));
  in_core = false;
  arm();
}

void Runtime::Impl::carry_out(std::span<const Output> outputs) {
  for (const Output& output : outputs) {
    if (closed) return;  // a sink closed this node, or the disk did
    std::visit([this](const auto& one) { carry_out_one(one); }, output);
  }
}

void Runtime::Impl::carry_out_one(const Transmit& transmit) {
  // The first socket of that IP version; replies leave from where others know this node.
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (listening[i].family != transmit.to.family) continue;
    if (!sockets[i]->send(transmit.to, transmit.datagram)) ++counters.datagrams_unsent;
    return;
  }
  ++counters.datagrams_unsent;
}

void Runtime::Impl::carry_out_one(const Event& event) {
  if (event.kind == Event::Kind::joined) resolver->stop_asking();
  if (started) return tell(event);
  post([this, event] { tell(event); });
}

void Runtime::Impl::tell(const Event& event) {
  if (!closed && on_event) on_event(event, Clock::wall_now());
}

void Runtime::Impl::carry_out_one(const Persist& persist) {
  if (!persist.before_sending) return persister->queue(persist.what, persist.bytes);
  const Fallible<void> written = persister->write_now(persist.what, persist.bytes);
  if (!written) stop_because(written.error());
}

void Runtime::Impl::note(const std::string& line) {
  if (on_note && limiter.admit(line, clock.now())) on_note(line);
}

// --- time ---

void Runtime::Impl::arm() {
  if (closed) return;
  Instant next = wall_due;
  if (const auto deadline = core->next_deadline()) next = std::min(next, *deadline);
  // A deadline that moved to later is met by a timer that fires too early and is armed again: one system call
  // instead of one for each datagram.
  if (armed && *armed <= next) return;
  armed = next;
  timer.expires_at(clock.to_steady(next));
  timer.async_wait([this, weak = std::weak_ptr<char>(alive)](const boost::system::error_code& error) {
    if (!error && weak.lock()) on_timer();
  });
}

void Runtime::Impl::on_timer() {
  if (closed) return;
  armed.reset();
  Instant now = clock.now();
  if (now >= wall_due) {
    wall_due = now + kWallInterval;
    core->set_wall_clock(now, Clock::wall_now());
  }
  const auto deadline = core->next_deadline();
  if (!deadline || now < *deadline) return arm();
  // After a pause the answers to our probes wait in the sockets: they are heard before anybody is judged for silence.
  if (now - *deadline >= kLate) {
    for (const auto& socket : sockets) {
      for (int i = 0; i < kLateBatches && socket->drain() == UdpSocket::Drained::more; ++i) {
      }
    }
  }
  call([this](Instant at) { return core->on_timer(at); });
}

// --- commands, the end ---

void Runtime::Impl::join(const std::vector<std::string>& texts) {
  if (closed) return;
  std::vector<Endpoint> numeric;
  std::vector<HostPort> named;
  const Fallible<void> sorted = sort_seeds(texts, numeric, named);
  if (!sorted) note(sorted.error().message);
  if (!numeric.empty()) call([&](Instant now) { return core->join(now, numeric); });
  for (const HostPort& name : named) resolver->add(name);
}

Fallible<void> Runtime::Impl::broadcast(std::string_view name, Bytes payload, std::chrono::milliseconds ttl) {
  if (closed) return explain(BroadcastError::ending, payload.size());
  if (const auto error = core->check_broadcast(name, payload.size(), ttl)) return explain(*error, payload.size());
  if (in_core) {
    post([this, name = std::string(name), bytes = to_vector(payload), ttl] {
      const auto sent = broadcast(name, bytes, ttl);
      if (!sent) note("event " + name + " was not sent: " + sent.error().message);
    });
    return success();
  }
  std::optional<BroadcastError> error;
  call([&](Instant now) -> std::span<const Output> {
    const auto sent = core->broadcast(now, name, payload, ttl);
    if (sent) return sent.value();
    error = sent.error();
    return {};
  });
  if (error) return explain(*error, payload.size());
  return success();
}

// A command that the core may refuse, with its outputs carried out if it does not.
template <class Command>
Fallible<void> Runtime::Impl::command(Command&& make) {
  if (closed) return fail("this node has ended");
  std::optional<Failure> refused;
  call([&](Instant now) -> std::span<const Output> {
    const auto done = make(now);
    if (done) return done.value();
    refused = fail(to_string(done.error()));
    return {};
  });
  if (refused) return *refused;
  return success();
}

Fallible<void> Runtime::Impl::renew() {
  BOOST_OUTCOME_TRY(const auto bundle, directory.bundle());
  if (!bundle || bundle->cluster() != cluster) return not_our_bundle(directory.path());
  BOOST_OUTCOME_TRYV(command([&](Instant now) { return core->endorse(now, bundle->endorsements); }));
  BOOST_OUTCOME_TRYV(command([&](Instant now) { return core->renew(now, bundle->credential); }));
  credential = bundle->credential.credential;
  return success();
}

void Runtime::Impl::stop_because(Failure why) {
  stopped_by = std::move(why);
  if (!started) return close();  // start() returns the failure
  note(stopped_by->message + "; this node stops, because it must not send what it may forget");
  close();
  // From the loop, so that the sink may do what it likes: the core is in the middle of a call.
  post([this] {
    if (on_stop) return on_stop(*stopped_by);
    loop.stop();
  });
}

void Runtime::Impl::close() {
  if (closed) return;
  closed = true;
  timer.cancel();
  for (const auto& socket : sockets) socket->close();
  if (streams) streams->close();
  if (resolver) resolver->close();
  if (persister) {
    persister->close();
    // Not after a failed write: this one would fail as well, and what is on disk is consistent.
    if (core && !stopped_by) {
      const ByteVector snapshot = encode_snapshot(cluster, core->snapshot());
      const Fallible<void> written = persister->write_now(Persist::What::members, snapshot);
      if (!written) note(written.error().message);
    }
  }
  helper.stop();
  lock.reset();
}

// --- the face ---

Runtime::Runtime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Runtime::~Runtime() { impl_->close(); }

void Runtime::join(std::vector<std::string> endpoints) {
  if (!impl_->in_core) return impl_->join(endpoints);
  impl_->post([impl = impl_.get(), endpoints = std::move(endpoints)] { impl->join(endpoints); });
}

void Runtime::leave() {
  const auto begin = [impl = impl_.get()] { impl->call([impl](Instant now) { return impl->core->leave(now); }); };
  if (!impl_->in_core) return begin();
  impl_->post(begin);
}

Fallible<void> Runtime::broadcast(std::string_view name, Bytes payload, std::chrono::milliseconds ttl) {
  return impl_->broadcast(name, payload, ttl);
}

Fallible<void> Runtime::revoke(Bytes record) {
  return impl_->command([&](Instant now) { return impl_->core->revoke(now, record); });
}
Fallible<void> Runtime::force_leave(Bytes record) {
  return impl_->command([&](Instant now) { return impl_->core->force_leave(now, record); });
}
Fallible<void> Runtime::endorse(const std::vector<ByteVector>& records) {
  return impl_->command([&](Instant now) { return impl_->core->endorse(now, records); });
}
Fallible<void> Runtime::renew() { return impl_->renew(); }

Fallible<Epoch> Runtime::rotate(const RotateOptions& options) {
  BOOST_OUTCOME_TRYV(impl_->command([&](Instant now) { return impl_->core->rotate(now, options); }));
  return impl_->core->stats().epoch;
}
Fallible<void> Runtime::retire(Epoch through) {
  return impl_->command([&](Instant now) { return impl_->core->retire(now, through); });
}

void Runtime::close() { impl_->close(); }
const NodeCore& Runtime::core() const { return *impl_->core; }
const DriverCounters& Runtime::counters() const { return impl_->counters; }
std::size_t Runtime::open_streams() const { return impl_->streams->open(); }
const std::optional<Failure>& Runtime::stopped_by() const { return impl_->stopped_by; }
Instant Runtime::now() const { return impl_->clock.now(); }
WallTime Runtime::wall_now() const { return Clock::wall_now(); }
const Credential& Runtime::credential() const { return impl_->credential; }
const ClusterId& Runtime::cluster() const { return impl_->cluster; }
const std::string& Runtime::label() const { return impl_->label; }
std::vector<Endpoint> Runtime::listening() const { return impl_->listening; }
std::vector<Endpoint> Runtime::advertised() const { return impl_->advertised; }

}  // namespace quorumor
