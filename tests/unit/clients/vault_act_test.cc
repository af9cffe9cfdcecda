// What a vault discloses about a leaf of its log, against the worked example of
// docs/formats/vault-log.md.

#include "clients/cpp/vault_act.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/wire.h"
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

}  // namespace
}  // namespace limpid::client
