#include "node/agent/admin_session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace quorumor {

namespace asio = boost::asio;
using local = asio::local::stream_protocol;

namespace {

constexpr int kBacklog = 16;
constexpr std::chrono::milliseconds kAcceptRetry{100};
constexpr std::chrono::milliseconds kFinishTime{1000};

Failure os_failure(const std::filesystem::path& path, const char* what) {
  return fail(path.string() + ": " + what + ": " + std::strerror(errno));
}

// Only a socket is removed: the lock says that it is nobody's, but another kind of file is somebody's mistake.
Fallible<void> remove_stale(const std::filesystem::path& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return success();
    return os_failure(path, "cannot look at it");
  }
  if (!S_ISSOCK(info.st_mode)) return fail(path.string() + ": is in the way of the admin socket; remove it");
  if (unlink(path.c_str()) != 0) return os_failure(path, "cannot remove the socket of an earlier agent");
  return success();
}

Fallible<void> listen_at(local::acceptor& acceptor, const std::filesystem::path& path) {
  BOOST_OUTCOME_TRY(remove_stale(path));
  boost::system::error_code error;
  acceptor.open(local(), error);
  if (error) return fail("cannot make the admin socket: " + error.message());
  // Linux gives a socket file the mode of the socket at the time of bind. So it is never open to others, not even for
  // a moment, and the umask, which every thread shares, stays as it is.
  if (fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) return os_failure(path, "cannot set its mode");
  acceptor.bind(local::endpoint(path.string()), error);
  if (error) return fail(path.string() + ": cannot make the admin socket: " + error.message());
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || (info.st_mode & 0777) != (S_IRUSR | S_IWUSR)) {
    unlink(path.c_str());
    return fail(path.string() + ": this file system does not keep the socket's mode of 0600; move the directory");
  }
  acceptor.listen(kBacklog, error);
  if (error) {
    unlink(path.c_str());
    return fail(path.string() + ": cannot listen: " + error.message());
  }
  return success();
}

}  // namespace

struct AdminServer::Impl : std::enable_shared_from_this<AdminServer::Impl> {
  Impl(asio::io_context& loop, std::shared_ptr<AdminShared> state)
      : acceptor(loop), timer(loop), socket(loop), shared(std::move(state)) {}

  void accept() {
    acceptor.async_accept(socket, [self = shared_from_this()](boost::system::error_code error) {
      if (self->closed) return;
      if (!error) {
        self->begin_session();
        return self->accept();
      }
      // Out of descriptors, most likely: the connection waits in the backlog.
      self->timer.expires_after(kAcceptRetry);
      self->timer.async_wait([self](boost::system::error_code stopped) {
        if (!stopped && !self->closed) self->accept();
      });
    });
  }

  void begin_session() {
    local::socket taken = std::exchange(socket, local::socket(acceptor.get_executor()));
    const std::size_t served = shared->sessions.size() - shared->refused;
    const bool refused = served >= shared->limits.connections;
    if (refused && shared->refused >= shared->limits.refused) return;  // closes `taken`
    if (refused) ++shared->refused;
    auto session = std::make_shared<AdminSession>(std::move(taken), shared, refused);
    shared->sessions.insert(session);
    session->begin();
  }

  template <class Call>
  void each_session(Call call) {
    const auto copy = shared->sessions;  // a call may end its session
    for (const auto& session : copy) call(*session);
  }

  void stop_accepting() {
    if (std::exchange(closed, true)) return;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    timer.cancel();
    unlink(path.c_str());
  }

  void close_all() {
    stop_accepting();
    shared->on_closed = nullptr;
    each_session([](AdminSession& s) { s.close(); });
  }

  void finish(std::function<void()> done) {
    stop_accepting();
    on_done = std::move(done);
    shared->on_closed = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->check_done();
    };
    each_session([](AdminSession& s) { s.finish(); });
    timer.expires_after(kFinishTime);
    timer.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
      if (!stopped) self->each_session([](AdminSession& s) { s.close(); });
    });
    check_done();
  }

  void check_done() {
    if (!shared->sessions.empty() || !on_done) return;
    timer.cancel();
    asio::post(acceptor.get_executor(), std::exchange(on_done, nullptr));
  }

  local::acceptor acceptor;
  asio::steady_timer timer;
  local::socket socket;
  std::shared_ptr<AdminShared> shared;
  std::filesystem::path path;
  std::function<void()> on_done;
  bool closed = false;
};

AdminServer::AdminServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

AdminServer::~AdminServer() {
  impl_->on_done = nullptr;
  impl_->close_all();
}

Fallible<std::unique_ptr<AdminServer>> AdminServer::start(asio::io_context& loop, const std::filesystem::path& path,
                                                          AdminHandler& handler, const EventRing& events,
                                                          const AdminLimits& limits) {
  auto shared = std::make_shared<AdminShared>(AdminShared{handler, events, limits, {}, 0, {}});
  auto impl = std::make_shared<Impl>(loop, std::move(shared));
  BOOST_OUTCOME_TRY(listen_at(impl->acceptor, path));
  impl->path = path;
  impl->accept();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

void AdminServer::announce() {
  impl_->each_session([](AdminSession& s) { s.on_ring_grown(); });
}

void AdminServer::stop_accepting() { impl_->stop_accepting(); }
void AdminServer::finish(std::function<void()> done) { impl_->finish(std::move(done)); }

std::size_t AdminServer::connections() const { return impl_->shared->sessions.size(); }

}  // namespace quorumor
