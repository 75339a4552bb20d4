// Real sockets on loopback, one io_context, and waits that end as soon as what is waited for is there.
#pragma once

#include "crypto/authority.h"
#include "node/disk/helpers.h"
#include "node/driver/state_directory.h"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

namespace quorumor::test {

// True if `done` came true within `limit`; runs the loop meanwhile.
inline bool run_until(boost::asio::io_context& loop, const std::function<bool()>& done,
                      std::chrono::milliseconds limit = std::chrono::milliseconds{8000}) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    if (loop.stopped()) loop.restart();
    loop.run_one_for(std::chrono::milliseconds{20});
  }
  return true;
}

inline void run_for(boost::asio::io_context& loop, std::chrono::milliseconds time) {
  run_until(
      loop, [] { return false; }, time);
}

inline SigningKey test_authority() {
  Drbg rng = make_rng(77);
  return SigningKey::generate(rng);
}

// A node's directory, admitted to the cluster `label`.
inline std::filesystem::path make_node(const TemporaryFolder& folder, const std::string& name, unsigned char number,
                                       std::vector<std::string> roles = {}, const std::string& label = "test") {
  const std::filesystem::path path = folder.path() / name;
  Drbg rng = make_rng(number);
  auto directory = StateDirectory::create(path, rng);
  REQUIRE_MESSAGE(directory.has_value(), message_of(directory));
  const auto identity = directory.value().identity();
  REQUIRE(identity.has_value());
  const SigningKey authority = test_authority();
  Credential credential;
  credential.id.fill(std::byte{number});
  credential.identity = identity.value().public_key();
  credential.serial = Serial{1};
  credential.not_before = wall_from_seconds(1'000'000);
  credential.not_after = wall_from_seconds(4'000'000'000);
  credential.name = name;
  credential.roles = std::move(roles);
  Bundle bundle;
  bundle.authority = authority.public_key();
  bundle.label = label;
  bundle.credential = issue_credential(authority, bundle.cluster(), std::move(credential));
  const auto installed = directory.value().install_bundle(bundle);
  REQUIRE_MESSAGE(installed.has_value(), message_of(installed));
  return path;
}

}  // namespace quorumor::test
