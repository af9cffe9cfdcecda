#include "vault/attribute/record.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr std::string_view kAttribute = "health.allergy";

class RecordCodecTest : public ::testing::TestWithParam<crypto::Suite> {
 protected:
  [[nodiscard]] Place PlaceOf(std::uint64_t version) const {
    Place place;
    place.owner = owner_;
    place.attribute = kAttribute;
    place.name_key = blinder_.NameKeyOf(owner_.id, kAttribute);
    place.request_key = blinder_.RequestKeyOf(owner_.id, {});
    place.version = version;
    place.schema_version = 4;
    return place;
  }
  [[nodiscard]] AttributeRow Seal(std::string_view json,
                                  std::uint64_t version = 3) const {
    return codec_.Seal(key_, PlaceOf(version), Value(json));
  }
  static StoredValue Value(std::string_view json) {
    return {Provenance(), absl::FromUnixMillis(1), std::string(json)};
  }

  const Blinder blinder_{CountingKey(0x80)};
  const Owner owner_ = blinder_.OwnerOf(HolderId(Counting<16>(1)));
  const PersonKey key_{Counting<16>(0x30), 2, Custody::kAssisted,
                       CountingKey(0x60)};
  const RecordCodec codec_{ExampleIdentity(), GetParam()};
};

TEST_P(RecordCodecTest, OpensWhatItSealed) {
  const AttributeRow row = Seal(R"([{"substance":"nuts"}])");
  const auto value = codec_.OpenValue(key_, row, kAttribute);
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, R"([{"substance":"nuts"}])");
  EXPECT_EQ(codec_.OpenLabel(key_, row)->attribute, kAttribute);
  EXPECT_EQ(row.wrap.front(), static_cast<std::uint8_t>(GetParam()));
}

TEST_P(RecordCodecTest, TheOtherSuitesReaderOpensItToo) {
  const RecordCodec other(ExampleIdentity(),
                          GetParam() == crypto::Suite::kAes256Gcm
                              ? crypto::Suite::kXChaCha20Poly1305
                              : crypto::Suite::kAes256Gcm);
  EXPECT_THAT(other.OpenValue(key_, Seal("true"), kAttribute), IsOk());
}

TEST_P(RecordCodecTest, EveryFieldOfTheRowIsBound) {
  const std::vector<std::function<void(AttributeRow&)>> changes = {
      [](AttributeRow& row) { row.owner.id = HolderId(Counting<16>(2)); },
      [](AttributeRow& row) { row.id.back() ^= 1; },
      [](AttributeRow& row) { ++row.version; },
      [](AttributeRow& row) { ++row.schema_version; },
      [](AttributeRow& row) { ++row.generation; },
      [](AttributeRow& row) { row.custody = Custody::kSealed; },
      [](AttributeRow& row) { row.state = RowState::kErased; },
      [](AttributeRow& row) { --row.put_ms; },
  };
  for (const auto& change : changes) {
    AttributeRow row = Seal("true");
    change(row);
    EXPECT_THAT(codec_.OpenValue(key_, row, kAttribute),
                StatusIs(absl::StatusCode::kDataLoss));
    // Nor does a key that claims the changed generation or custody help.
    const PersonKey claimed{key_.id, row.generation, row.custody,
                            key_.key.Clone()};
    EXPECT_THAT(codec_.OpenValue(claimed, row, kAttribute),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_P(RecordCodecTest, AttributeOperatorAndKeyAreBound) {
  const AttributeRow row = Seal("true");
  EXPECT_THAT(codec_.OpenValue(key_, row, "health.blood_type"),
              StatusIs(absl::StatusCode::kDataLoss));
  const RecordCodec elsewhere({"other.example", ExampleIdentity().source},
                              GetParam());
  EXPECT_THAT(elsewhere.OpenValue(key_, row, kAttribute),
              StatusIs(absl::StatusCode::kDataLoss));
  const PersonKey renamed{Counting<16>(0x31), 2, Custody::kAssisted,
                          key_.key.Clone()};
  EXPECT_THAT(codec_.OpenValue(renamed, row, kAttribute),
              StatusIs(absl::StatusCode::kDataLoss));
  const PersonKey other{key_.id, 2, Custody::kAssisted, CountingKey(0x61)};
  EXPECT_THAT(codec_.OpenValue(other, row, kAttribute),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(RecordCodecTest, EveryBitIsBound) {
  const AttributeRow row = Seal("true");
  for (base::Bytes AttributeRow::*part :
       {&AttributeRow::wrap, &AttributeRow::payload}) {
    for (std::size_t bit = 0; bit < (row.*part).size() * 8; ++bit) {
      AttributeRow changed = row;
      (changed.*part)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_THAT(codec_.OpenValue(key_, changed, kAttribute),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
  }
  for (std::size_t bit = 0; bit < row.label.size() * 8; ++bit) {
    AttributeRow changed = row;
    changed.label[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(codec_.OpenLabel(key_, changed),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_P(RecordCodecTest, ShorterAndLongerColumnsFail) {
  const AttributeRow row = Seal("true");
  AttributeRow changed = row;
  changed.payload.push_back(0);
  EXPECT_FALSE(codec_.OpenValue(key_, changed, kAttribute).ok());
  for (std::size_t size = 0; size < row.payload.size(); ++size) {
    changed = row;
    changed.payload.resize(size);
    EXPECT_FALSE(codec_.OpenValue(key_, changed, kAttribute).ok());
  }
  changed = row;
  changed.wrap.clear();
  EXPECT_FALSE(codec_.OpenValue(key_, changed, kAttribute).ok());
}

TEST_P(RecordCodecTest, VersionsCannotBeExchanged) {
  const AttributeRow one = Seal("true", 1);
  AttributeRow two = Seal("false", 2);
  two.wrap = one.wrap;
  EXPECT_FALSE(codec_.OpenValue(key_, two, kAttribute).ok());
  two.payload = one.payload;
  EXPECT_FALSE(codec_.OpenValue(key_, two, kAttribute).ok());
  two.id = one.id;
  EXPECT_FALSE(codec_.OpenValue(key_, two, kAttribute).ok());
}

TEST_P(RecordCodecTest, RepeatedRandomnessDoesNotRepeatKeysOfOtherValues) {
  RepeatingRandom random;
  const RecordCodec codec(ExampleIdentity(), GetParam(), random);
  const AttributeRow one = codec.Seal(key_, PlaceOf(3), Value("true"));
  const AttributeRow two = codec.Seal(key_, PlaceOf(3), Value("false"));
  const AttributeRow next = codec.Seal(key_, PlaceOf(4), Value("true"));
  ASSERT_EQ(one.id, two.id);
  // With one DEK, the one payload would open under the other's wrap.
  AttributeRow mixed = one;
  mixed.wrap = two.wrap;
  EXPECT_FALSE(codec.OpenValue(key_, mixed, kAttribute).ok());
  EXPECT_NE(one.payload, two.payload);
  EXPECT_NE(one.payload, next.payload);
}

TEST_P(RecordCodecTest, LengthsShowInBuckets) {
  std::set<std::size_t> sizes;
  for (const std::string json : {"1", "22", "\"333\"", "\"4444444444\""}) {
    sizes.insert(Seal(json).payload.size());
  }
  EXPECT_EQ(sizes.size(), 1);
  EXPECT_GT(Seal("\"" + std::string(100, 'x') + "\"").payload.size(),
            *sizes.begin());
}

TEST_P(RecordCodecTest, DaysAreInValueAndLabelAndNoSizeTells) {
  const std::vector<About> said = {{},
                                   {AboutKind::kDays, {20'240'101, 20'241'231}},
                                   {AboutKind::kDays, {10'101, 99'991'231}},
                                   {AboutKind::kNoDay, {}}};
  std::set<std::size_t> sizes;
  for (const About& about : said) {
    StoredValue value = Value("true");
    value.about = about;
    const AttributeRow row = codec_.Seal(key_, PlaceOf(3), value);
    EXPECT_EQ(codec_.OpenValue(key_, row, kAttribute)->about, about);
    EXPECT_EQ(codec_.OpenLabel(key_, row)->about, about);
    sizes.insert(row.label.size() + (row.payload.size() << 16U));
  }
  EXPECT_EQ(sizes.size(), 1);
}

TEST_P(RecordCodecTest, DaysThatAreNoneDoNotOpen) {
  for (const About& bad :
       std::vector<About>{{AboutKind::kDays, {20'240'101, 0}},
                          {AboutKind::kDays, {20'240'230, 20'240'301}},
                          {AboutKind::kDays, {20'240'102, 20'240'101}},
                          {AboutKind::kNoDay, {20'240'101, 20'240'101}},
                          {AboutKind::kUnsaid, {0, 20'240'101}},
                          {static_cast<AboutKind>(3), {}}}) {
    StoredValue value = Value("true");
    value.about = bad;
    const AttributeRow row = codec_.Seal(key_, PlaceOf(3), value);
    EXPECT_THAT(codec_.OpenValue(key_, row, kAttribute),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(codec_.OpenLabel(key_, row),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_P(RecordCodecTest, FloorMakesTheAnswersOfAListEquallyLong) {
  Place place = PlaceOf(1);
  place.pad_floor_bytes = 200;
  const auto short_one = codec_.Seal(key_, place, Value("\"a\""));
  const auto long_one =
      codec_.Seal(key_, place, Value("\"" + std::string(198, 'b') + "\""));
  EXPECT_EQ(short_one.payload.size(), long_one.payload.size());
}

TEST_P(RecordCodecTest, LargestValueRoundTrips) {
  const std::string json = "\"" + std::string(kMaxValueBytes - 2, 'x') + "\"";
  const auto value = codec_.OpenValue(key_, Seal(json), kAttribute);
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, json);
}

crypto::Suite Other(crypto::Suite suite) {
  return suite == crypto::Suite::kAes256Gcm ? crypto::Suite::kXChaCha20Poly1305
                                            : crypto::Suite::kAes256Gcm;
}

TEST_P(RecordCodecTest, SealedAnewItIsTheSameInTheOtherSuite) {
  const RecordCodec other(ExampleIdentity(), Other(GetParam()));
  StoredValue value = Value("\"" + std::string(kMaxValueBytes - 2, 'x') + "\"");
  value.about = {AboutKind::kDays, {20'240'101, 20'241'231}};
  value.origin = Identity{"other.example", ExampleIdentity().source};
  const AttributeRow row = codec_.Seal(key_, PlaceOf(3), value);
  EXPECT_TRUE(codec_.IsCurrent(row));
  EXPECT_FALSE(other.IsCurrent(row));
  const auto anew = other.Reseal(key_, row);
  ASSERT_THAT(anew, IsOk());
  EXPECT_TRUE(other.IsCurrent(*anew));
  EXPECT_FALSE(codec_.IsCurrent(*anew));
  for (const RecordCodec* codec : {&codec_, &other}) {
    const auto opened = codec->OpenValue(key_, *anew, kAttribute);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->value_json, value.value_json);
    EXPECT_EQ(opened->about, value.about);
    EXPECT_EQ(opened->put_time, value.put_time);
    EXPECT_EQ(opened->origin, value.origin);
    EXPECT_EQ(codec->OpenLabel(key_, *anew)->about, value.about);
  }
  AttributeRow rest = *anew;
  rest.label = row.label;
  rest.wrap = row.wrap;
  rest.payload = row.payload;
  EXPECT_EQ(rest, row);
  // Padding and all.
  EXPECT_EQ(anew->payload.size() + crypto::EnvelopeOverhead(GetParam()),
            row.payload.size() + crypto::EnvelopeOverhead(Other(GetParam())));
}

// A row whose payload alone is of the other suite, as after a rotation of the
// person's key, and the reverse.
TEST_P(RecordCodecTest, IsCurrentLooksAtEveryEnvelope) {
  const RecordCodec other(ExampleIdentity(), Other(GetParam()));
  const AttributeRow row = Seal("true");
  const auto rewrapped = other.Rewrap(key_, key_, row);
  ASSERT_THAT(rewrapped, IsOk());
  EXPECT_FALSE(other.IsCurrent(*rewrapped));
  EXPECT_FALSE(codec_.IsCurrent(*rewrapped));
  AttributeRow head = row;
  head.payload.resize(kPayloadHeadBytes);
  EXPECT_TRUE(codec_.IsCurrent(head));
  for (std::size_t size = 0; size < kPayloadHeadBytes; ++size) {
    head.payload.resize(size);
    EXPECT_FALSE(codec_.IsCurrent(head));
  }
  for (base::Bytes AttributeRow::*part :
       {&AttributeRow::label, &AttributeRow::wrap, &AttributeRow::payload}) {
    AttributeRow emptied = row;
    (emptied.*part).clear();
    EXPECT_FALSE(codec_.IsCurrent(emptied));
  }
  AttributeRow of_devices = row;
  of_devices.payload.front() = 2;
  EXPECT_FALSE(codec_.IsCurrent(of_devices));
}

TEST_P(RecordCodecTest, WhatDoesNotOpenIsNotSealedAnew) {
  const RecordCodec other(ExampleIdentity(), Other(GetParam()));
  const AttributeRow row = Seal("true");
  for (base::Bytes AttributeRow::*part :
       {&AttributeRow::label, &AttributeRow::wrap, &AttributeRow::payload}) {
    for (std::size_t bit = 0; bit < (row.*part).size() * 8; ++bit) {
      AttributeRow changed = row;
      (changed.*part)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_THAT(other.Reseal(key_, changed),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
  }
  // Whole, each of them, and not of one value.
  RepeatingRandom random;
  const RecordCodec codec(ExampleIdentity(), GetParam(), random);
  StoredValue dated = Value("true");
  dated.about = {AboutKind::kNoDay, {}};
  AttributeRow redated = codec.Seal(key_, PlaceOf(3), Value("true"));
  redated.label = codec.Seal(key_, PlaceOf(3), dated).label;
  ASSERT_THAT(codec_.OpenLabel(key_, redated), IsOk());
  ASSERT_THAT(codec_.OpenValue(key_, redated, kAttribute), IsOk());
  EXPECT_THAT(other.Reseal(key_, redated),
              StatusIs(absl::StatusCode::kDataLoss));
  AttributeRow erased = row;
  erased.state = RowState::kErased;
  EXPECT_THAT(other.Reseal(key_, erased),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(RecordCodecTest, RepeatedRandomnessGivesAnotherKeyThanThePuts) {
  RepeatingRandom random;
  const RecordCodec codec(ExampleIdentity(), GetParam(), random);
  const AttributeRow row = codec.Seal(key_, PlaceOf(3), Value("true"));
  const auto anew = codec.Reseal(key_, row);
  ASSERT_THAT(anew, IsOk());
  EXPECT_NE(anew->payload, row.payload);
  EXPECT_FALSE(*codec.OpenWrap(key_, row, kAttribute) ==
               *codec.OpenWrap(key_, *anew, kAttribute));
}

INSTANTIATE_TEST_SUITE_P(Suites, RecordCodecTest,
                         ::testing::Values(crypto::Suite::kXChaCha20Poly1305,
                                           crypto::Suite::kAes256Gcm));

// docs/formats/aad.md: fourteen fields.
TEST(Aad, EachFieldChangesTheBytes) {
  const std::vector<std::function<void(Aad&)>> changes = {
      [](Aad& aad) { aad.kind = AadKind::kDekWrap; },
      [](Aad& aad) { aad.suite = 2; },
      [](Aad& aad) { aad.operator_name = "p"; },
      [](Aad& aad) { aad.holder = HolderId(Counting<16>(9)); },
      [](Aad& aad) { aad.attribute = "b"; },
      [](Aad& aad) { aad.schema_version = 1; },
      [](Aad& aad) { aad.value_version = 1; },
      [](Aad& aad) { aad.key_id.front() = 1; },
      [](Aad& aad) { aad.generation = 1; },
      [](Aad& aad) { aad.epoch = 1; },
      [](Aad& aad) { aad.custody = Custody::kSealed; },
      [](Aad& aad) { aad.slot_kind = 1; },
      [](Aad& aad) { aad.chunk = 1; },
      [](Aad& aad) { aad.last = false; },
  };
  std::set<base::Bytes> seen = {Aad().Encode()};
  for (const auto& change : changes) {
    Aad aad;
    change(aad);
    EXPECT_TRUE(seen.insert(aad.Encode()).second);
  }
  // Nor can text move from one field to the next.
  Aad left;
  left.operator_name = "ab";
  left.attribute = "c";
  Aad right;
  right.operator_name = "a";
  right.attribute = "bc";
  EXPECT_NE(left.Encode(), right.Encode());
}

}  // namespace
}  // namespace limpid::vault
