#include "sim/memo/memo.h"

#include <sodium.h>

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/bytes.h"

// The linker gives every call of these names in the program to __wrap_..., and the library's own are __real_...
extern "C" {
int __real_crypto_sign_verify_detached(const unsigned char*, const unsigned char*, unsigned long long,
                                       const unsigned char*);
int __real_crypto_scalarmult_curve25519(unsigned char*, const unsigned char*, const unsigned char*);
int __real_crypto_scalarmult_curve25519_base(unsigned char*, const unsigned char*);
int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key);
int __wrap_crypto_scalarmult_curve25519(unsigned char* out, const unsigned char* scalar, const unsigned char* point);
int __wrap_crypto_scalarmult_curve25519_base(unsigned char* out, const unsigned char* scalar);
}

namespace quorumor::sim {
namespace {

using Key = ByteArray<32>;

// Keys are hashes, or points that the program made itself: nobody chooses them so that they collide.
struct KeyHash {
  using is_avalanching = void;
  std::size_t operator()(const Key& key) const noexcept { return load_le<std::size_t>(key.data()); }
};

template <class Value>
class Memo {
 public:
  explicit Memo(std::size_t most) : most_(most) {}

  // Valid until the next call; nullptr if it is not known.
  const Value* find(const Key& key) {
    if (const auto young = young_.find(key); young != young_.end()) return &young->second;
    const auto old = old_.find(key);
    if (old == old_.end()) return nullptr;
    const Value value = old->second;  // `put` may drop the old ones
    return put(key, value);
  }
  const Value* put(const Key& key, const Value& value) {
    if (young_.size() >= most_) {
      old_ = std::move(young_);
      young_ = {};
    }
    return &young_.insert_or_assign(key, value).first->second;
  }

 private:
  using Map = boost::unordered_flat_map<Key, Value, KeyHash>;
  std::size_t most_;
  Map young_, old_;  // never iterated
};

struct Memos {
  Memo<int> verdicts{kVerdictsMax};
  Memo<Key> secrets{kSecretsMax};  // by the hash of both public keys
  Memo<Key> publics{kKeysMax};     // by the hash of the scalar
  MemoCounts counts;
};

std::atomic<bool> is_fast{false};

Memos& memos() {
  static thread_local Memos all;
  return all;
}

Key hash_of(std::initializer_list<std::pair<const unsigned char*, std::size_t>> parts) noexcept {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sizeof(Key));
  for (const auto& [data, size] : parts) crypto_generichash_update(&state, data, size);
  Key out;
  crypto_generichash_final(&state, uchar(MutableBytes(out)), out.size());
  return out;
}

Key key_at(const unsigned char* bytes) noexcept {
  Key out;
  std::memcpy(out.data(), bytes, out.size());
  return out;
}

}  // namespace

void set_fast_crypto(bool on) noexcept { is_fast = on; }
MemoCounts memo_counts() noexcept { return memos().counts; }

}  // namespace quorumor::sim

using namespace quorumor;
using namespace quorumor::sim;

int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key) {
  if (!is_fast) return __real_crypto_sign_verify_detached(signature, message, size, key);
  Memos& m = memos();
  ++m.counts.verdicts_asked;
  const Key what = hash_of({{key, crypto_sign_PUBLICKEYBYTES},
                            {signature, crypto_sign_BYTES},
                            {message, static_cast<std::size_t>(size)}});
  if (const int* const known = m.verdicts.find(what)) {
    ++m.counts.verdicts_known;
    return *known;
  }
  return *m.verdicts.put(what, __real_crypto_sign_verify_detached(signature, message, size, key));
}

int __wrap_crypto_scalarmult_curve25519_base(unsigned char* out, const unsigned char* scalar) {
  const int result = __real_crypto_scalarmult_curve25519_base(out, scalar);
  if (is_fast && result == 0) memos().publics.put(hash_of({{scalar, sizeof(Key)}}), key_at(out));
  return result;
}

int __wrap_crypto_scalarmult_curve25519(unsigned char* out, const unsigned char* scalar, const unsigned char* point) {
  if (!is_fast) return __real_crypto_scalarmult_curve25519(out, scalar, point);
  Memos& m = memos();
  ++m.counts.secrets_asked;
  const Key* const own = m.publics.find(hash_of({{scalar, sizeof(Key)}}));
  if (own == nullptr) return __real_crypto_scalarmult_curve25519(out, scalar, point);
  const Key mine = *own, other = key_at(point);
  const Key pair = hash_of({{uchar(Bytes(std::min(mine, other))), sizeof(Key)},
                            {uchar(Bytes(std::max(mine, other))), sizeof(Key)}});
  if (const Key* const known = m.secrets.find(pair)) {
    ++m.counts.secrets_known;
    std::memcpy(out, known->data(), known->size());
    return 0;
  }
  const int result = __real_crypto_scalarmult_curve25519(out, scalar, point);
  if (result == 0) m.secrets.put(pair, key_at(out));
  return result;
}
