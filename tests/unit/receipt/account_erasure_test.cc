// The statement that erases an account, and the operator's answer to it.

#include "common/receipt/account_erasure.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

crypto::Ed25519PrivateKey Key(std::uint8_t byte) {
  base::ByteArray<32> seed{};
  seed.fill(byte);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

AccountErasureRequest Request() {
  AccountErasureRequest out;
  out.nonce.fill(3);
  out.operator_name = "o";
  out.person = "per_1";
  out.time = absl::FromUnixMillis(1'767'225'600'000);
  return out;
}

TEST(AccountErasureStatement, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(
      Request().Canonical(),
      R"({"action":"erase-account","give_up_duties":false,"nonce":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","operator":"o","person":"per_1","time":"2026-01-01T00:00:00.000Z"})");
  const auto parsed = AccountErasureRequest::Parse(Request().Canonical());
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, Request());
  AccountErasureRequest other = Request();
  other.give_up_duties = true;
  EXPECT_EQ(*AccountErasureRequest::Parse(other.Canonical()), other);
  EXPECT_EQ(base::HexEncode(AccountErasureSigningInput("{}")),
            "16"
            "6c696d7069642f65726173652d6163636f756e742f31"
            "00000002"
            "7b7d");
  base::ByteArray<16> person{};
  person.fill(2);
  EXPECT_EQ(base::HexEncode(AccountErasedItem(person, Request().time, "{}")),
            "17"
            "6c696d7069642f6163636f756e742d6572617365642f31"
            "02020202020202020202020202020202"
            "0000019b76daa800"
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST(AccountErasureStatement, OnlyTheKeyThatSignedItFits) {
  const SignedAccountErasure erasure = SignAccountErasure(Request(), Key(1));
  EXPECT_TRUE(AccountErasureIsSigned(erasure, Key(1).PublicKey()));
  EXPECT_FALSE(AccountErasureIsSigned(erasure, Key(2).PublicKey()));
  for (std::size_t at = 0; at < erasure.canonical_json.size(); ++at) {
    SignedAccountErasure changed = erasure;
    changed.canonical_json[at] = static_cast<char>(
        static_cast<unsigned char>(changed.canonical_json[at]) ^ 1U);
    EXPECT_FALSE(AccountErasureIsSigned(changed, Key(1).PublicKey())) << at;
  }
}

// A statement that erases an entry never erases the account.
TEST(AccountErasureStatement, MembersMissingUnknownDoubledOrMalformed) {
  const std::string text = Request().Canonical();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    out.replace(out.find(from), from.size(), to);
    return AccountErasureRequest::Parse(out).status();
  };
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(replaced("erase-account", "erase-entry"), refused);
  EXPECT_THAT(replaced("false", "\"false\""), refused);
  EXPECT_THAT(replaced("false", "0"), refused);
  EXPECT_THAT(replaced("\"give_up_duties\":false,", ""), refused);
  EXPECT_THAT(replaced("\"operator\":\"o\",", ""), refused);
  EXPECT_THAT(replaced("\"operator\"", "\"operatox\""), refused);
  EXPECT_THAT(replaced("\"person\":\"per_1\"",
                       "\"person\":\"per_1\",\"person\":\"per_1\""),
              refused);
  EXPECT_THAT(replaced("\"time\"", "\"sequence\":1,\"time\""), refused);
  EXPECT_THAT(replaced("AwMDAwM", "AwMDAw"), refused);
  EXPECT_THAT(replaced("00.000Z", "00Z"), refused);
  EXPECT_THAT(replaced("{\"action\"", "{ \"action\""), refused);
  EXPECT_THAT(AccountErasureRequest::Parse("{}").status(), refused);
  EXPECT_THAT(AccountErasureRequest::Parse("").status(), refused);
}

}  // namespace
}  // namespace limpid::receipt
