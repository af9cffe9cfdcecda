// What a vault discloses about a leaf of its log, against the worked example of
// docs/formats/vault-log.md.

#include "clients/cpp/vault_act.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/receipt/access_entry.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;

constexpr std::string_view kAct =
    "126c696d7069642f7661756c742f6163742f310100000000000000010000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
    "000102030405060708090a0b0c0d0e0f00000011706572736f6e2e62697274685f646174"
    "65000000010000000000000003202122232425262728292a2b2c2d2e2fd0d1d2d3d4d5d6"
    "d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef000001a1f8d3ea00";
constexpr std::string_view kCommitment =
    "d054e61b62b449525196887e218ae7d452ecc62e5784400a3c5a0c845a907ae2";

template <std::size_t N>
base::ByteArray<N> Counting(std::uint8_t first) {
  base::ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

AskedAct Asked() {
  return {base::FormatIdText("src", Counting<16>(0xa0)), "person.birth_date", 3,
          v1::VAULT_ACT_PUT};
}

v1::GetVaultLogProofResponse Answer() {
  base::ByteWriter disclosure("limpid/vault/disclosure/1");
  disclosure.Raw(Counting<32>(0x10)).Lp(base::HexDecode(kAct).value());
  v1::GetVaultLogProofResponse out;
  out.set_state(v1::LOG_STATE_LOGGED);
  out.set_opening(base::ToText(disclosure.bytes()));
  out.set_commitment(base::ToText(base::HexDecode(kCommitment).value()));
  out.set_leaf_index(0);
  return out;
}

TEST(CheckAct, TakesTheExampleOfThePage) {
  EXPECT_THAT(CheckAct(Answer(), Asked()), IsOk());
}

TEST(CheckAct, RefusesTheActOfAnotherQuestion) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  AskedAct asked = Asked();
  asked.attribute = "person.name";
  EXPECT_THAT(CheckAct(Answer(), asked), lied);
  asked = Asked();
  asked.version = 2;
  EXPECT_THAT(CheckAct(Answer(), asked), lied);
  asked = Asked();
  asked.act = v1::VAULT_ACT_ERASE;
  EXPECT_THAT(CheckAct(Answer(), asked), lied);
  asked = Asked();
  asked.source_id = base::FormatIdText("src", Counting<16>(0xa1));
  EXPECT_THAT(CheckAct(Answer(), asked), lied);
}

TEST(CheckAct, RefusesTheActOfSomebodyElse) {
  AskedAct asked = Asked();
  asked.holder = Counting<16>(0);
  EXPECT_THAT(CheckAct(Answer(), asked), IsOk());
  asked.holder = Counting<16>(1);
  EXPECT_THAT(CheckAct(Answer(), asked), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(CheckAct, RefusesAnotherLeaf) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  v1::GetVaultLogProofResponse answer = Answer();
  answer.set_leaf_index(1);
  EXPECT_THAT(CheckAct(answer, Asked()), lied);
  // Not in the log yet: it has no leaf.
  answer.set_state(v1::LOG_STATE_DURABLE);
  EXPECT_THAT(CheckAct(answer, Asked()), IsOk());
}

TEST(CheckAct, RefusesEveryFlippedBitAndLeftOverBytes) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  const v1::GetVaultLogProofResponse good = Answer();
  for (std::size_t bit = 0; bit < good.opening().size() * 8; ++bit) {
    v1::GetVaultLogProofResponse answer = good;
    char& byte = answer.mutable_opening()->at(bit / 8);
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    ASSERT_THAT(CheckAct(answer, Asked()), lied) << "bit " << bit;
  }
  v1::GetVaultLogProofResponse answer = good;
  answer.mutable_commitment()->back() = 'x';
  EXPECT_THAT(CheckAct(answer, Asked()), lied);
  answer = good;
  answer.mutable_opening()->push_back('\0');
  EXPECT_THAT(CheckAct(answer, Asked()), lied);
  answer.clear_opening();
  EXPECT_THAT(CheckAct(answer, Asked()), lied);
}

// The certificate of docs/formats/erasure-certificate.md, and an act for it.
constexpr std::string_view kCertificate =
    "226c696d7069642f7661756c742f657261737572652d63657274696669636174652f311011"
    "1"
    "2131415161718191a1b1c1d1e1fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf010000000e68656"
    "1"
    "6c74682e616c6c657267790002000000000000000100000000000000030000000200000004"
    "00"
    "0000050000019b76daa8000000001e000000070000000e0000001e0000019cabd83800";

base::Bytes ErasureAct(base::ByteView certificate) {
  base::ByteWriter act("limpid/vault/act/1");
  return act.U8(2)
      .U64(8)
      .Raw(base::Digest32{})
      .Raw(base::Digest32{})
      .Raw(Counting<16>(0xa0))
      .Raw(Counting<16>(0))
      .Lp("health.allergy")
      .U32(1)
      .U64(3)
      .Raw(Counting<16>(0x20))
      .Raw(crypto::Sha256(certificate))
      .U64(0)
      .Take();
}

v1::GetErasureCertificateResponse ErasureAnswer() {
  const base::Bytes certificate = base::HexDecode(kCertificate).value();
  const base::Bytes act = ErasureAct(certificate);
  base::ByteWriter disclosure("limpid/vault/disclosure/1");
  disclosure.Raw(Counting<32>(0x10)).Lp(act);
  v1::GetErasureCertificateResponse out;
  out.set_certificate(base::ToText(certificate));
  out.set_logged(true);
  out.set_leaf_index(7);
  out.set_opening(base::ToText(disclosure.bytes()));
  out.set_commitment(
      base::ToText(receipt::Commit(Counting<32>(0x10), "vault-act", act)));
  return out;
}

AskedAct AskedErasure() {
  return {base::FormatIdText("src", Counting<16>(0xa0)), "health.allergy", 3,
          v1::VAULT_ACT_ERASE};
}

TEST(CheckErasure, TakesACertificateThatItsActStandsFor) {
  EXPECT_THAT(CheckErasure(ErasureAnswer(), AskedErasure()), IsOk());
}

TEST(CheckErasure, RefusesAnotherCertificateActOrQuestion) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  v1::GetErasureCertificateResponse answer = ErasureAnswer();
  for (char& byte : *answer.mutable_certificate()) {
    byte = static_cast<char>(byte ^ 1);
    ASSERT_THAT(CheckErasure(answer, AskedErasure()), lied);
    byte = static_cast<char>(byte ^ 1);
  }
  answer.set_leaf_index(6);
  EXPECT_THAT(CheckErasure(answer, AskedErasure()), lied);
  AskedAct asked = AskedErasure();
  asked.version = 2;
  EXPECT_THAT(CheckErasure(ErasureAnswer(), asked), lied);
  asked = AskedErasure();
  asked.act = v1::VAULT_ACT_DESTROY;
  EXPECT_THAT(CheckErasure(ErasureAnswer(), asked), lied);
}

TEST(CheckErasure, RefusesTheCertificateOfSomebodyElse) {
  AskedAct asked = AskedErasure();
  asked.holder = Counting<16>(0);
  EXPECT_THAT(CheckErasure(ErasureAnswer(), asked), IsOk());
  asked.holder = Counting<16>(1);
  EXPECT_THAT(CheckErasure(ErasureAnswer(), asked),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ReadCertificate, ReadsTheExampleOfThePage) {
  const auto facts =
      ReadCertificate(base::AsText(base::HexDecode(kCertificate).value()));
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->source_id, AskedErasure().source_id);
  EXPECT_FALSE(facts->everything);
  EXPECT_EQ(facts->attribute, "health.allergy");
  EXPECT_EQ(facts->versions, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(facts->values, 2);
  EXPECT_EQ(facts->epoch, 5);
  EXPECT_EQ(facts->days, 60);
  EXPECT_EQ(facts->not_before, facts->time + absl::Hours(60 * 24));
}

TEST(ReadCertificate, RefusesWhatIsCutLongerOrContradictsItself) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  const std::string good = base::ToText(base::HexDecode(kCertificate).value());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(ReadCertificate(good.substr(0, size)), lied);
  }
  EXPECT_THAT(ReadCertificate(good + '\0'), lied);
  std::string sooner = good;
  sooner.back() = 1;
  EXPECT_THAT(ReadCertificate(sooner), lied);
}

}  // namespace
}  // namespace limpid::client
