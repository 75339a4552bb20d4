#include "node/cli/admin_client.h"

#include "node/agent/admin_socket.h"
#include "node/cli/admin_views.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace quorumor {
namespace {

constexpr std::chrono::seconds kPatience{5};

Failure connect_failure(const std::string& directory, int error) {
  std::error_code ignored;
  switch (error) {
    case ENOENT:
      if (!std::filesystem::exists(directory, ignored)) return fail(directory + ": no such directory");
      return fail("no agent runs in " + directory + "; start it: quorumor agent --dir " + directory + " ...");
    case ECONNREFUSED:
      return fail("the agent of " + directory + " has ended; start it: quorumor agent --dir " + directory + " ...");
    case EACCES:
    case EPERM:
      return fail(directory + ": permission denied; run this as the user that runs the agent");
    case ENOTDIR:
      return fail(directory + ": not a directory");
    case EAGAIN:
      return fail("the agent of " + directory + " is too busy to answer; try again");
    default:
      return fail("cannot reach the agent of " + directory + ": " + std::strerror(error));
  }
}

}  // namespace

Fallible<AdminClient> AdminClient::connect(const std::filesystem::path& node_directory) {
  BOOST_OUTCOME_TRY(const auto path, admin_socket_path(node_directory));
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(std::string("cannot make a socket: ") + std::strerror(errno));
  AdminClient client(fd, node_directory.string());
  client.set_patience(kPatience);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.string().size());
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return connect_failure(client.directory_, errno);
  }
  return client;
}

AdminClient::AdminClient(AdminClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      directory_(std::move(other.directory_)),
      response_(std::move(other.response_)),
      done_(other.done_) {}

AdminClient& AdminClient::operator=(AdminClient&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(directory_, other.directory_);
  std::swap(response_, other.response_);
  std::swap(done_, other.done_);
  return *this;
}

AdminClient::~AdminClient() {
  if (fd_ >= 0) close(fd_);
}

void AdminClient::set_patience(std::chrono::seconds patience) const noexcept {
  timeval time{};
  time.tv_sec = static_cast<time_t>(patience.count());
  static_cast<void>(setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
  static_cast<void>(setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time));
}

Failure AdminClient::broken() const {
  return fail("the agent of " + directory_ + " closed the connection before it answered; see its log");
}

Fallible<void> AdminClient::send_request(std::string_view method, const std::string& target, std::string_view body) {
  std::string out = std::string(method) + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (method == "POST") out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  out.append("\r\n").append(body);
  std::string_view left = out;
  while (!left.empty()) {
    const ssize_t n = send(fd_, left.data(), left.size(), MSG_NOSIGNAL);
    if (n > 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      break;  // it has closed its end, perhaps after saying why: that is still to be read
    } else if (errno != EINTR) {
      return fail("the agent of " + directory_ + " does not take the request; is it stopped?");
    }
  }
  return success();
}

Fallible<void> AdminClient::receive() {
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return fail("the agent of " + directory_ + " does not answer; is it stopped?");
    }
    if (n <= 0) return broken();
    const auto status = response_.feed({buffer, static_cast<std::size_t>(n)});
    if (status == HttpResponseReader::Status::bad) {
      return fail("what listens in " + directory_ + " does not answer as an agent does");
    }
    done_ = status == HttpResponseReader::Status::done;
    return success();
  }
}

Fallible<void> AdminClient::receive_all() {
  while (!done_) {
    BOOST_OUTCOME_TRYV(receive());
  }
  return success();
}

Fallible<std::string> AdminClient::request(std::string_view method, const std::string& target, std::string_view body) {
  BOOST_OUTCOME_TRYV(send_request(method, target, body));
  BOOST_OUTCOME_TRYV(receive_all());
  if (response_.status() / 100 == 2) return std::move(response_.body());
  return fail("the agent refused: " + error_of(response_.body()));
}

Fallible<void> AdminClient::follow(const std::string& target) {
  BOOST_OUTCOME_TRYV(send_request("GET", target, {}));
  while (!response_.has_header()) {
    BOOST_OUTCOME_TRYV(receive());
  }
  if (response_.status() == 200) return success();
  BOOST_OUTCOME_TRYV(receive_all());
  return fail("the agent refused: " + error_of(response_.body()));
}

Fallible<std::optional<std::string>> AdminClient::next_line(std::chrono::seconds patience) {
  set_patience(patience);
  for (;;) {
    std::string& body = response_.body();
    const std::size_t end = body.find('\n');
    if (end != std::string::npos) {
      std::optional<std::string> line = body.substr(0, end);
      body.erase(0, end + 1);
      return line;
    }
    if (done_) return std::optional<std::string>();
    BOOST_OUTCOME_TRYV(receive());
  }
}

Fallible<std::string> ask_agent(const std::filesystem::path& node_directory, std::string_view method,
                                const std::string& target, std::string_view body) {
  BOOST_OUTCOME_TRY(auto client, AdminClient::connect(node_directory));
  return client.request(method, target, body);
}

}  // namespace quorumor
