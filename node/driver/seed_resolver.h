// Turns the names of seeds into endpoints, in the background, for as long as it takes. A name that does not resolve
// is noted and tried again every 5 s: a node often starts before its network does. One that resolves is asked again
// every 30 s until this node has joined, since the address may be the old one of a seed that moved.
#pragma once

#include "base/time.h"
#include "node/driver/helper_thread.h"
#include "node/driver/host_port.h"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace quorumor {

class SeedResolver : public std::enable_shared_from_this<SeedResolver> {
 public:
  static constexpr std::size_t kNamesMax = 64;
  static constexpr std::size_t kEndpointsMax = 64;  // ever given for one name
  struct Times {
    Duration retry = 5s;
    Duration again = 30s;
  };
  using Resolve = std::function<Fallible<std::vector<Resolved>>(const HostPort&)>;  // runs on the helper thread
  using Found = std::function<void(const std::vector<Endpoint>& news)>;             // on the loop's thread
  using Note = std::function<void(const std::string& line)>;

  SeedResolver(boost::asio::io_context& loop, HelperThread& helper, Found found, Note note, Resolve resolve,
               const Times& times);
  ~SeedResolver();

  void add(const HostPort& name);
  void stop_asking() noexcept { joined_ = true; }  // this node has joined
  void close();

 private:
  struct Gate;
  struct Name;
  void ask(Name& name);
  void on_answer(std::size_t index, const Fallible<std::vector<Resolved>>& answer);
  void again_after(std::size_t index, Duration delay);

  boost::asio::io_context& loop_;
  HelperThread& helper_;
  Found found_;
  Note note_;
  Resolve resolve_;
  Times times_;
  std::shared_ptr<Gate> gate_;
  std::vector<std::unique_ptr<Name>> names_;
  bool joined_ = false;
  bool closed_ = false;
};

}  // namespace quorumor
