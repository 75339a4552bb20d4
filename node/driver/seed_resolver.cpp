#include "node/driver/seed_resolver.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <mutex>

namespace quorumor {

namespace asio = boost::asio;

// A resolution may return when the loop is long gone (helper_thread.h): it reaches the loop through this or not at
// all.
struct SeedResolver::Gate {
  std::mutex mutex;
  asio::io_context* loop = nullptr;
};

struct SeedResolver::Name {
  std::size_t index;
  HostPort name;
  asio::steady_timer timer;
  std::vector<Endpoint> given;
};

SeedResolver::SeedResolver(asio::io_context& loop, HelperThread& helper, Found found, Note note, Resolve resolve,
                           const Times& times)
    : loop_(loop),
      helper_(helper),
      found_(std::move(found)),
      note_(std::move(note)),
      resolve_(std::move(resolve)),
      times_(times),
      gate_(std::make_shared<Gate>()) {
  gate_->loop = &loop;
}

SeedResolver::~SeedResolver() { close(); }

void SeedResolver::add(const HostPort& name) {
  if (closed_) return;
  const auto same = [&name](const auto& known) { return known->name.to_string() == name.to_string(); };
  if (std::any_of(names_.begin(), names_.end(), same)) return;
  if (names_.size() >= kNamesMax) {
    note_("not joining by " + name.to_string() + ": at most " + std::to_string(kNamesMax) + " names are kept");
    return;
  }
  names_.push_back(std::make_unique<Name>(Name{names_.size(), name, asio::steady_timer{loop_}, {}}));
  ask(*names_.back());
}

void SeedResolver::ask(Name& name) {
  const auto job = [gate = gate_, self = weak_from_this(), resolve = resolve_, index = name.index, name = name.name] {
    auto answer = resolve(name);
    const std::lock_guard lock{gate->mutex};
    if (gate->loop == nullptr) return;
    asio::post(*gate->loop, [self, index, answer = std::move(answer)] {
      if (const auto resolver = self.lock()) resolver->on_answer(index, answer);
    });
  };
  helper_.run(job, true);
}

void SeedResolver::on_answer(std::size_t index, const Fallible<std::vector<Resolved>>& answer) {
  if (closed_) return;
  Name& name = *names_[index];
  if (!answer) {
    note_(answer.error().message + "; trying again every " +
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(times_.retry).count()) + " s");
    return again_after(index, times_.retry);
  }
  std::vector<Endpoint> news;
  for (const Resolved& one : answer.value()) {
    const bool known = std::find(name.given.begin(), name.given.end(), one.endpoint) != name.given.end();
    if (known || one.endpoint.is_unusable() || name.given.size() >= kEndpointsMax) continue;
    name.given.push_back(one.endpoint);
    news.push_back(one.endpoint);
  }
  // (One that never resolved is asked for ever, as numeric seeds are tried for ever.)
  if (!joined_) again_after(index, times_.again);
  if (!news.empty()) found_(news);
}

void SeedResolver::again_after(std::size_t index, Duration delay) {
  asio::steady_timer& timer = names_[index]->timer;
  timer.expires_after(delay);
  timer.async_wait([self = weak_from_this(), index](const boost::system::error_code& error) {
    const auto resolver = self.lock();
    if (!resolver || error || resolver->closed_) return;
    resolver->ask(*resolver->names_[index]);
  });
}

void SeedResolver::close() {
  if (closed_) return;
  closed_ = true;
  const std::lock_guard lock{gate_->mutex};
  gate_->loop = nullptr;
  for (const auto& name : names_) name->timer.cancel();
}

}  // namespace quorumor
