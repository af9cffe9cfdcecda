// Entries of a register log that are signed and by the rules, each by itself,
// whatever a test makes them say.

#ifndef LIMPID_TESTS_TESTING_REGISTRATION_LEAF_H_
#define LIMPID_TESTS_TESTING_REGISTRATION_LEAF_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/registration.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::testing {

inline crypto::Ed25519PrivateKey AuthorKey(std::uint8_t fill = 7) {
  const std::vector<std::uint8_t> seed(32, fill);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

// A version of the system 03 x 16 behind `before`, or its first when that is
// empty.
inline receipt::RegistrationLeaf LeafBehind(const base::Bytes& before,
                                            std::uint32_t version) {
  receipt::RegistrationLeaf leaf;
  leaf.registration.fill(3);
  leaf.kind = receipt::RegistrationKind::kSystem;
  leaf.version = version;
  if (!before.empty()) leaf.predecessor = tlog::LeafHash(before);
  leaf.draft_time = absl::FromUnixSeconds(1'767'225'600);
  return leaf;
}

inline base::Bytes SignedLeaf(receipt::RegistrationLeaf leaf,
                              std::span<const receipt::FieldDisclosure> fields,
                              const crypto::Ed25519PrivateKey& key) {
  leaf.author = key.PublicKey();
  leaf.digests = receipt::FieldDigests(fields);
  base::Bytes out = receipt::RegistrationLeafBody(leaf);
  const auto signature = receipt::SignRegistrationLeaf(out, fields, key);
  EXPECT_THAT(signature, IsOk());
  if (signature.ok()) {
    out.insert(out.end(), signature->begin(), signature->end());
  }
  return out;
}

// With one field and the first author's key.
inline base::Bytes SignedLeaf(const receipt::RegistrationLeaf& leaf,
                              std::uint8_t key_fill = 7) {
  const std::vector<receipt::FieldDisclosure> fields = {
      {.pointer = "/kind", .value = json::Value("system")}};
  return SignedLeaf(leaf, fields, AuthorKey(key_fill));
}

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_REGISTRATION_LEAF_H_
