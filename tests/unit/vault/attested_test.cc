// Answers that a service may show to others: signed as asked, for no longer
// than the record, and telling two services nothing that is equal.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/jose/attested_answer.h"
#include "common/jose/jwk.h"
#include "common/jose/sd_jwt.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using receipt::Form;

constexpr char kBirth[] = "person.birth_date";

class AttestedTest : public ::testing::Test {
 protected:
  AttestedTest() {
    world_.Put(world_.anna, kBirth, "\"1990-02-28\"");
    world_.Put(world_.anna, "health.disability", "true");
    world_.gate.GrantAttested(kBirth, 18);
  }

  [[nodiscard]] crypto::Ed25519PublicKey Key() const {
    const auto set = json::ParseStrict(world_.core->answers().key_set());
    return *jose::PublicJwk::Parse(*set->FindPointer("/keys/0"))->ed25519();
  }
  absl::StatusOr<jose::AttestedAnswer> Verified(const ReadLine& line) {
    const ReadRequest asked = world_.Request({kBirth});
    return jose::VerifyAttestedAnswer(
        line.attestation, Key(),
        {ExampleIdentity().source.Text(), world_.clock.Now(),
         asked.caller_thumbprint, asked.fields.nonce});
  }
  // Reads her birth date as another service would, with another request.
  std::string ReadAs(std::uint8_t service) {
    ReadRequest request = world_.Request({kBirth});
    request.caller_thumbprint = Counting<32>(service);
    request.fields.nonce = Counting<16>(service);
    std::string out;
    world_.mediator.Read(std::move(request),
                         [&](absl::StatusOr<ReadAnswer> answer) {
                           out = answer.value().lines[0].attestation;
                         });
    return out;
  }

  VaultWorld world_;
};

TEST_F(AttestedTest, TheAnswerIsSignedForWhoAsked) {
  auto answer = world_.Read({kBirth});
  ASSERT_THAT(answer, IsOk());
  const ReadLine& line = answer->lines[0];
  EXPECT_EQ(line.reason, ReadReason::kReleased);
  EXPECT_EQ(line.form, Form::kAttested);
  EXPECT_EQ(line.value_json, "true");
  const auto verified = Verified(line);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->attribute, kBirth);
  EXPECT_EQ(verified->derivation, "over_n/1");
  EXPECT_EQ(json::Canonical(verified->parameters), R"({"n":18})");
  EXPECT_EQ(verified->value, json::Value(true));
  EXPECT_LE(verified->expires_at - world_.clock.Now(), absl::Seconds(60));
  EXPECT_EQ(line.attestation.find("1990"), std::string::npos);
}

TEST_F(AttestedTest, OnlyWhatThePermitCallsAttestedIsSigned) {
  world_.gate.Grant("health.disability");
  world_.gate.GrantOver(kBirth, 18);
  const auto answer = world_.Read({kBirth, "health.disability"});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].value_json, "true");
  EXPECT_EQ(answer->lines[0].attestation, "");
  EXPECT_EQ(answer->lines[1].attestation, "");
}

TEST_F(AttestedTest, WhatCannotBeDerivedIsNotSigned) {
  const auto expect = [&](const receipt::PermitLine& line) {
    world_.gate.lines.clear();
    world_.gate.lines[line.attribute] = line;
    const auto answer = world_.Read({line.attribute});
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->lines[0].reason, ReadReason::kForm);
    EXPECT_EQ(answer->lines[0].attestation, "");
    EXPECT_EQ(answer->lines[0].value_json, "");
  };
  expect({kBirth, Form::kAttested, "over_n/2", R"({"n":18})"});
  expect({kBirth, Form::kAttested, "over_n/1", R"({"n":0})"});
  expect({kBirth, Form::kAttested, "over_n/1", "{"});
  expect({kBirth, Form::kAttested, "", ""});
  // The catalogue does not allow it of this attribute.
  expect({"health.disability", Form::kAttested, "over_n/1", R"({"n":18})"});
}

TEST_F(AttestedTest, ItIsOverWithTheRecord) {
  const absl::Time now = world_.clock.Now();
  ASSERT_EQ(now, absl::FromUnixSeconds(absl::ToUnixSeconds(now)));
  const auto ending = [&](absl::Duration left) {
    world_.gate.change = [=](receipt::Permit& permit) {
      permit.not_after = now + left;
    };
    return std::move(world_.Read({kBirth}).value().lines[0]);
  };
  EXPECT_EQ(Verified(ending(absl::Hours(1)))->expires_at,
            now + absl::Seconds(60));
  EXPECT_EQ(Verified(ending(absl::Milliseconds(20'900)))->expires_at,
            now + absl::Seconds(20));
  // Within this second nothing could be shown on.
  const ReadLine last = ending(absl::Milliseconds(900));
  EXPECT_EQ(last.reason, ReadReason::kExpired);
  EXPECT_EQ(last.attestation, "");
  EXPECT_EQ(last.value_json, "");
}

// What two services hold says that one vault answered one question, to each.
TEST_F(AttestedTest, TwoServicesHoldNothingEqualAboutHer) {
  const auto first =
      jose::VerifySdJwt(ReadAs(0x11), Key(), jose::kAttestedAnswerType);
  const auto second =
      jose::VerifySdJwt(ReadAs(0x22), Key(), jose::kAttestedAnswerType);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  const std::set<std::string_view> of_the_question = {"exp", "iat", "iss",
                                                      "vct"};
  for (const json::Member& member : first->open.members()) {
    const json::Value* const other = second->open.Find(member.key);
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(*other == member.value, of_the_question.contains(member.key))
        << member.key;
  }
  // The same answer to the same question, under salts of their own.
  EXPECT_EQ(first->disclosed, second->disclosed);
  const auto disclosure = [](const std::string& text) {
    return text.substr(text.find('~'));
  };
  EXPECT_NE(disclosure(ReadAs(0x11)), disclosure(ReadAs(0x22)));
  // Nor does one service get the same twice.
  EXPECT_NE(ReadAs(0x11), ReadAs(0x11));
}

TEST_F(AttestedTest, NobodyIsNamedInIt) {
  const std::string text = ReadAs(0x11);
  for (const std::string& part :
       {text.substr(text.find('.') + 1, text.rfind('.') - text.find('.') - 1),
        text.substr(text.find('~') + 1, text.size() - text.find('~') - 2)}) {
    const std::string said = base::ToText(*base::Base64UrlDecode(part));
    for (const base::ByteArray<16>& id :
         {world_.anna.holder.bytes(), Counting<16>(0x50), Counting<16>(1)}) {
      EXPECT_EQ(said.find(base::Base64UrlEncode(id)), std::string::npos);
      EXPECT_EQ(said.find(base::Base32Encode(id)), std::string::npos);
      EXPECT_EQ(said.find(base::HexEncode(id)), std::string::npos);
    }
  }
}

TEST_F(AttestedTest, TheKeyIsForNothingElseAndStays) {
  const auto seed = world_.keks.Named(kAnswersKeyName);
  ASSERT_THAT(seed, IsOk());
  EXPECT_EQ(crypto::Ed25519PrivateKey::FromSeed(*seed)->PublicKey(), Key());
  EXPECT_NE(world_.gate.key(), Key());
  const std::set<std::string_view> names = {kAnswersKeyName, kIndexKeyName,
                                            kActsKeyName, kOriginsKeyName,
                                            kStatisticsKeyName};
  EXPECT_EQ(names.size(), 5U);
}

TEST_F(AttestedTest, WipingLeavesNothingOfIt) {
  auto answer = world_.Read({kBirth});
  ASSERT_THAT(answer, IsOk());
  ASSERT_FALSE(answer->lines[0].attestation.empty());
  WipeValues(answer->lines);
  const std::string& left = answer->lines[0].attestation;
  EXPECT_EQ(left, std::string(left.size(), '\0'));
}

}  // namespace
}  // namespace limpid::vault
