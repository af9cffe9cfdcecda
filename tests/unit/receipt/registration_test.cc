#include "common/receipt/registration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/tlog/leaf.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;
constexpr auto kLoss = absl::StatusCode::kDataLoss;

crypto::Ed25519PrivateKey Key(std::uint8_t fill) {
  const std::vector<std::uint8_t> seed(32, fill);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

RegistrationLeaf ExampleLeaf(std::span<const FieldDisclosure> fields) {
  RegistrationLeaf leaf;
  for (std::size_t i = 0; i < leaf.registration.size(); ++i) {
    leaf.registration.at(i) = static_cast<std::uint8_t>(i);
  }
  leaf.version = 1;
  leaf.draft_time = absl::FromUnixSeconds(1'767'225'600);
  leaf.author = Key(7).PublicKey();
  leaf.digests = FieldDigests(fields);
  return leaf;
}

base::Bytes Entry(const RegistrationLeaf& leaf,
                  std::span<const FieldDisclosure> fields) {
  base::Bytes out = RegistrationLeafBody(leaf);
  const auto signature = SignRegistrationLeaf(out, fields, Key(7));
  EXPECT_THAT(signature, IsOk());
  if (signature.ok())
    out.insert(out.end(), signature->begin(), signature->end());
  return out;
}

json::Value ExampleContent() {
  return *json::ParseStrict(
      R"({"kind":"system","aliases":[],"reason":"first",)"
      R"("fields":{"title":{"state":"missing"},"a/b":{"state":"missing"}}})");
}

// docs/formats/registration-version.md
TEST(RegistrationLeaf, GivesTheWorkedExampleOfTheFormatPage) {
  FieldDisclosure field{.pointer = "/kind",
                        .value = json::Value("organisation")};
  field.salt.fill(9);
  const std::vector<FieldDisclosure> fields = {field};
  EXPECT_EQ(base::HexEncode(FieldDigest(field)),
            "dd0c68b6a1c7cdb1f6b4f2a3b72bb22c55f4b91b96e01845b0264e851f68cfc3");
  const base::Bytes entry = Entry(ExampleLeaf(fields), fields);
  const base::ByteView view = entry;
  EXPECT_EQ(base::HexEncode(view.first(view.size() - 64)),
            "021d6c696d7069642d726567697374726174696f6e2d76657273696f6e2f3100"
            "0102030405060708090a0b0c0d0e0f010000000101010000019b76daa8000000"
            "000000000000000000000000000000000000000000000000000000000000ea4a"
            "6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c0001"
            "dd0c68b6a1c7cdb1f6b4f2a3b72bb22c55f4b91b96e01845b0264e851f68cfc3");
  EXPECT_EQ(base::HexEncode(view.last(64)),
            "ea7072d8a33c694fe169b5780fe5847d1629ec05f232796a77a087a665111f13"
            "6c7916bcf698d711f2ec34057dd588ccb992c6a46d486b54a2ef7bc6dc0c7b08");
}

TEST(RegistrationLeaf, EveryFlippedBitIsNoticed) {
  const auto fields = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  const base::Bytes entry = Entry(ExampleLeaf(fields), fields);
  const auto leaf = VerifyRegistrationLeaf(entry);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(*leaf, ExampleLeaf(fields));
  EXPECT_THAT(tlog::CheckLeaf(tlog::LeafKind::kRegister, entry), IsOk());
  for (std::size_t bit = 0; bit < entry.size() * 8; ++bit) {
    base::Bytes damaged = entry;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(VerifyRegistrationLeaf(damaged), StatusIs(kLoss)) << bit;
  }
  for (std::size_t size = 0; size < entry.size(); ++size) {
    EXPECT_THAT(VerifyRegistrationLeaf(base::ByteView(entry).first(size)),
                StatusIs(kLoss));
  }
  base::Bytes longer = entry;
  longer.push_back(0);
  EXPECT_THAT(VerifyRegistrationLeaf(longer), StatusIs(kLoss));
}

TEST(RegistrationLeaf, RefusesLeavesThatBreakTheRules) {
  const auto fields = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  const RegistrationLeaf good = ExampleLeaf(fields);
  EXPECT_THAT(ParseRegistrationLeafBody(RegistrationLeafBody(good)), IsOk());
  std::vector<RegistrationLeaf> bad(10, good);
  bad[0].version = 0;
  bad[1].version = 2;
  bad[2].predecessor.fill(1);
  bad[3].kind = static_cast<RegistrationKind>(10);
  bad[4].state = static_cast<RegistrationState>(3);
  bad[5].author_role = static_cast<AuthorRole>(0);
  std::reverse(bad[6].digests.begin(), bad[6].digests.end());
  bad[7].digests.push_back(bad[7].digests.back());
  bad[8].digests.clear();
  bad[9].draft_time = absl::FromUnixMillis(253'402'300'800'000);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(ParseRegistrationLeafBody(RegistrationLeafBody(bad[i])),
                StatusIs(kBad))
        << i;
  }
}

TEST(RegistrationLeaf, NobodySignsWhatTheyCannotRead) {
  const auto fields = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  const base::Bytes body = RegistrationLeafBody(ExampleLeaf(fields));
  EXPECT_THAT(SignRegistrationLeaf(body, fields, Key(8)), StatusIs(kBad));
  auto other = fields;
  other.back().value = json::Value("forged");
  EXPECT_THAT(SignRegistrationLeaf(body, other, Key(7)), StatusIs(kBad));
  other = fields;
  other.pop_back();
  EXPECT_THAT(SignRegistrationLeaf(body, other, Key(7)), StatusIs(kBad));
}

TEST(RegistrationDisclosure, ContentGoesThroughFieldsAndBack) {
  const auto fields = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  ASSERT_EQ(fields.size(), 5U);
  EXPECT_EQ(fields[1].pointer, "/fields/a~1b");
  EXPECT_EQ(*AssembleContent(fields), ExampleContent());
  EXPECT_TRUE(std::is_sorted(
      fields.begin(), fields.end(),
      [](const auto& a, const auto& b) { return a.pointer < b.pointer; }));
  auto twice = fields;
  twice.push_back(fields.back());
  EXPECT_THAT(AssembleContent(twice), StatusIs(kBad));
  for (const char* const pointer :
       {"", "/fields", "/fields/a/b", "/x/y", "kind", "/a~2"}) {
    auto wrong = fields;
    wrong.front().pointer = pointer;
    EXPECT_THAT(AssembleContent(wrong), StatusIs(kBad)) << pointer;
  }
}

TEST(RegistrationDisclosure, AnErasedFieldLeavesTheRestVerifiable) {
  auto fields = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  const RegistrationLeaf leaf = ExampleLeaf(fields);
  EXPECT_EQ(*CheckDisclosures(leaf, fields), 0U);
  fields.erase(fields.begin() + 1);
  EXPECT_EQ(*CheckDisclosures(leaf, fields), 1U);
  EXPECT_EQ(AssembleContent(fields)->FindPointer("/fields/a~1b"), nullptr);
}

TEST(RegistrationDisclosure, EveryChangedPartIsNoticed) {
  const auto fields = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  const RegistrationLeaf leaf = ExampleLeaf(fields);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto changed = fields;
    changed[i].value = json::Value("forged");
    EXPECT_THAT(CheckDisclosures(leaf, changed), StatusIs(kLoss));
    changed = fields;
    changed[i].pointer += "x";
    EXPECT_THAT(CheckDisclosures(leaf, changed), StatusIs(kLoss));
    changed = fields;
    changed[i].salt.front() ^= 1U;
    EXPECT_THAT(CheckDisclosures(leaf, changed), StatusIs(kLoss));
    changed = fields;
    changed.push_back(fields[i]);
    EXPECT_THAT(CheckDisclosures(leaf, changed), StatusIs(kLoss));
  }
}

TEST(RegistrationDisclosure, TheContentHashIgnoresTheReasonAlone) {
  const json::Value content = ExampleContent();
  json::Value other = content;
  other.Set("reason", "second");
  EXPECT_EQ(ContentHash(content), ContentHash(other));
  other.Set("kind", "model");
  EXPECT_NE(ContentHash(content), ContentHash(other));
}

TEST(RegistrationDisclosure, SaltsAreNeverUsedTwice) {
  const auto one = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  const auto two = DiscloseContent(ExampleContent(), crypto::SystemRandom());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_NE(one[i].salt, two[i].salt);
    EXPECT_NE(one[i].salt, one[(i + 1) % one.size()].salt);
  }
}

}  // namespace
}  // namespace limpid::receipt
