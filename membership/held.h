// A member's signed records as the table keeps them: the bytes once, and beside them only what is asked for often. A
// table of ten thousand members is held to less than 1 KB each (tests/membership/table_memory_test.cpp); what is needed
// seldom is decoded again.
#pragma once

#include "crypto/credential.h"
#include "wire/claims.h"

#include <string_view>
#include <vector>

namespace quorumor {

struct HeldCredential {
  // Requires: record is the content || signature of exactly this credential.
  HeldCredential(const Credential& parsed, ByteVector bytes);
  HeldCredential(HeldCredential&&) noexcept = default;  // views stay: a moved vector keeps its bytes
  HeldCredential& operator=(HeldCredential&&) noexcept = default;

  struct Parsed {
    NodeId id{};
    PublicKey identity{};
    Serial serial;
    WallTime not_after;
    std::string_view name, zone;  // into the record
  } credential;
  ByteVector record;

  Credential whole() const;  // validity, roles
};

struct HeldCore {
  // Requires: the content || signature of a core that decodes.
  explicit HeldCore(Bytes bytes);

  struct Parsed {
    Coordinate at;
    Sequence next_event;
    bool leaving = false;
  } core;
  ByteArray<limits::kCoreContent + limits::kSignature> record{};

  Bytes content() const noexcept { return Bytes(record).first(limits::kCoreContent); }
  const Digest& digest() const noexcept { return digest_; }
  // What a member with this core adds to its table's sum; `terminal`: it is Left.
  Digest leaf(bool terminal) const noexcept;
  Core whole() const;  // session key, digest of the body

 private:
  // Computed once: both are asked for whenever cores are compared or replaced.
  Digest digest_;
  Digest leaf_;  // not terminal
};

struct HeldBody {
  HeldBody(ByteVector bytes, Body parsed)
      : record(std::move(bytes)), endpoints(std::move(parsed.endpoints)), metadata_size(parsed.metadata.size()) {
    endpoints.shrink_to_fit();
  }

  ByteVector record;
  std::vector<Endpoint> endpoints;
  std::size_t metadata_size = 0;

  Bytes metadata() const noexcept { return Bytes(record).last(metadata_size); }  // the layout ends with it
};

}  // namespace quorumor
