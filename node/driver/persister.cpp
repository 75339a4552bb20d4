#include "node/driver/persister.h"

#include "crypto/secret.h"

#include <boost/asio/post.hpp>

#include <mutex>

namespace quorumor {

namespace asio = boost::asio;

namespace {

Fallible<void> write(const StateDirectory& directory, Persist::What what, Bytes bytes) {
  switch (what) {
    case Persist::What::generation: {
      QUORUMOR_ASSERT(bytes.size() == sizeof(std::uint64_t));
      return directory.store_generation(Generation{load_le<std::uint64_t>(bytes.data())});
    }
    case Persist::What::ring:
      return directory.store_ring(bytes);
    case Persist::What::members:
      return directory.store_snapshot(bytes);
    case Persist::What::verdicts:
      return directory.store_verdicts(bytes);
  }
  return success();
}

}  // namespace

// What both threads use.
struct Persister::Disk {
  std::mutex mutex;
  StateDirectory directory;
  std::array<std::uint64_t, kKinds> written{};

  Fallible<void> write_in_order(std::size_t kind, std::uint64_t order, Bytes bytes) {
    const std::lock_guard lock{mutex};
    if (order <= written[kind]) return success();
    Fallible<void> result = write(directory, static_cast<Persist::What>(kind), bytes);
    if (result) written[kind] = order;
    return result;
  }
};

Persister::Persister(asio::io_context& loop, HelperThread& helper, StateDirectory directory, DriverCounters& counters,
                     Note note, Duration retry)
    : loop_(loop),
      helper_(helper),
      counters_(counters),
      note_(std::move(note)),
      retry_(retry),
      timer_(loop),
      disk_(new Disk{{}, std::move(directory), {}}) {}

Persister::~Persister() {
  for (Slot& slot : slots_) wipe(slot.bytes);
}

Fallible<void> Persister::write_now(Persist::What what, Bytes bytes) {
  const auto kind = static_cast<std::size_t>(what);
  wipe(slots_[kind].bytes);
  slots_[kind].order = 0;
  Fallible<void> result = disk_->write_in_order(kind, ++order_, bytes);
  if (!result) ++counters_.write_failures;
  return result;
}

void Persister::queue(Persist::What what, Bytes bytes) {
  if (closed_) return;
  const auto kind = static_cast<std::size_t>(what);
  Slot& slot = slots_[kind];
  wipe(slot.bytes);
  slot.bytes.assign(bytes.begin(), bytes.end());
  slot.order = ++order_;
  if (!slot.busy) begin(kind);
}

void Persister::begin(std::size_t kind) {
  Slot& slot = slots_[kind];
  slot.busy = true;
  // The slot keeps its copy until the write is done, to try again. std::function wants copyable captures.
  auto bytes = std::shared_ptr<ByteVector>(new ByteVector(slot.bytes), [](ByteVector* held) {
    wipe(*held);
    delete held;
  });
  helper_.run(
      [&loop = loop_, self = weak_from_this(), disk = disk_, kind, order = slot.order, bytes] {
        const Fallible<void> result = disk->write_in_order(kind, order, *bytes);
        asio::post(loop, [self, kind, order, result] {
          if (const auto persister = self.lock()) persister->on_written(kind, order, result);
        });
      },
      false);
}

void Persister::on_written(std::size_t kind, std::uint64_t order, const Fallible<void>& result) {
  Slot& slot = slots_[kind];
  slot.busy = false;
  if (!result) {
    ++counters_.write_failures;
    note_(result.error().message);
    return retry_later();
  }
  if (slot.order == order) {
    wipe(slot.bytes);
    slot.bytes.clear();
    slot.order = 0;
  }
  if (slot.order != 0 && !closed_) begin(kind);
}

void Persister::retry_later() {
  if (timer_armed_ || closed_) return;
  timer_armed_ = true;
  timer_.expires_after(retry_);
  timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
    const auto persister = self.lock();
    if (!persister || error || persister->closed_) return;
    persister->timer_armed_ = false;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const Slot& slot = persister->slots_[kind];
      if (slot.order != 0 && !slot.busy) persister->begin(kind);
    }
  });
}

void Persister::close() {
  if (closed_) return;
  closed_ = true;
  timer_.cancel();
  helper_.stop();
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Slot& slot = slots_[kind];
    if (slot.order == 0) continue;
    const Fallible<void> result = disk_->write_in_order(kind, slot.order, slot.bytes);
    if (result) continue;
    ++counters_.write_failures;
    note_(result.error().message);
  }
}

}  // namespace quorumor
