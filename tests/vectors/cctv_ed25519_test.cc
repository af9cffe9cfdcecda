// C2SP CCTV's Ed25519 edge cases, on which libraries disagree. There is no
// right answer to pin but our own, the same everywhere: libsodium's.
// docs/adr/2026-11-20-one-ed25519-verifier.md

#include <cstddef>
#include <string>

#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/vectors/vector_file.h"

namespace limpid::testing {
namespace {

bool Accepts(const json::Value& test) {
  const auto key = crypto::Ed25519PublicKey::FromBytes(Hex(test, "key"));
  return key.ok() &&
         key->Verify(base::AsBytes(*test.GetString("msg")), Hex(test, "sig"));
}

TEST(CctvEd25519, AnswersAreTheOnesWePinned) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/ed25519vectors.json");
  const json::Value file = ReadVectors(path);
  ASSERT_EQ(file.size(), 914U);
  std::string answers;  // One character a vector, in the file's order.
  std::size_t accepted = 0;
  for (const json::Value& test : file.elements()) {
    const bool good = Accepts(test);
    answers += good ? '1' : '0';
    if (good) ++accepted;
    if (!good || !test.Find("flags")->is_array()) continue;
    // What everybody should refuse: these forge without a private key, or give
    // one signature two encodings.
    for (const char* flag :
         {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R",
          "low_order_residue", "reencoded_k"}) {
      EXPECT_FALSE(HasFlag(test, flag)) << *test.GetInteger("number") << flag;
    }
  }
  EXPECT_EQ(accepted, 43U);
  EXPECT_EQ(base::HexEncode(crypto::Sha256(base::AsBytes(answers))),
            "9111cd3acbe211e15031707588bc9d68cb7b0c2d8f500fad1ebfedfc4362ffab");
}

}  // namespace
}  // namespace limpid::testing
