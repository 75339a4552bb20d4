// Talks to the agent of a node directory over its admin socket: blocking, one request a connection. Every way in which
// that fails is one line that says what to do.
#pragma once

#include "node/cli/http_response.h"
#include "node/driver/failure.h"

#include <chrono>
#include <filesystem>
#include <optional>

namespace quorumor {

class AdminClient {
 public:
  static Fallible<AdminClient> connect(const std::filesystem::path& node_directory);
  AdminClient(AdminClient&& other) noexcept;
  AdminClient& operator=(AdminClient&& other) noexcept;
  ~AdminClient();

  // The body of a 2xx answer; else a failure with the agent's own words. Requires (both): a connection not yet used.
  Fallible<std::string> request(std::string_view method, const std::string& target, std::string_view body = {});
  // Opens a stream of lines, to be read with next_line.
  Fallible<void> follow(const std::string& target);
  // The next line, however long it takes (`patience` at most, if it is not zero). Nothing: the agent ended the stream.
  Fallible<std::optional<std::string>> next_line(std::chrono::seconds patience = std::chrono::seconds{0});

 private:
  AdminClient(int fd, std::string directory) : fd_(fd), directory_(std::move(directory)) {}
  Fallible<void> send_request(std::string_view method, const std::string& target, std::string_view body);
  Fallible<void> receive();
  Fallible<void> receive_all();
  void set_patience(std::chrono::seconds patience) const noexcept;
  Failure broken() const;

  int fd_ = -1;
  std::string directory_;
  HttpResponseReader response_;
  bool done_ = false;
};

// One request on a connection of its own.
Fallible<std::string> ask_agent(const std::filesystem::path& node_directory, std::string_view method,
                                const std::string& target, std::string_view body = {});

}  // namespace quorumor
