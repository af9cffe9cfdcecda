// The bytes of a link: the worked example of the page, and what must fail.

#include "vault/connectors/source_link.h"

#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/pad.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/connectors/connector.h"

namespace limpid::vault {
namespace {

using testing::IsOk;
using testing::StatusIs;

const absl::Time kLinked = absl::FromUnixMillis(1'795'176'000'000);

SourceLink ExampleLink() {
  SourceLink link;
  link.source = "tax";
  link.subject = "7f3a-anna";
  link.attributes = {{"income.annual", SourceMode::kReferenced},
                     {"person.birth_date", SourceMode::kComputed}};
  link.linked = kLinked;
  return link;
}

PersonKey ExampleKey() {
  return {Counting<16>(0x30), 2, Custody::kAssisted, CountingKey(0x60)};
}

SourceLinkRow ExampleRow() {
  SourceLinkRow row;
  row.owner = {4058, HolderId(Counting<16>(0))};
  row.source_key = Blinder(CountingKey(0x80)).SourceKeyOf(row.owner.id, "tax");
  return row;
}

// The page without white space, so that wrapped hexadecimal is one run.
void ExpectOnPage(base::ByteView bytes) {
  const char* root = std::getenv("LIMPID_SOURCE_DIR");
  const std::string text =
      testing::ReadFile(std::string(root == nullptr ? "." : root) +
                        "/docs/formats/source-link.md");
  std::string page;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) page.push_back(c);
  }
  EXPECT_NE(page.find(base::HexEncode(bytes)), std::string::npos)
      << "the page lacks " << base::HexEncode(bytes);
}

TEST(SourceLinkFormat, ExamplesOfThePage) {
  RepeatingRandom random;
  const LinkCodec codec(ExampleIdentity(), crypto::Suite::kAes256Gcm, random);
  SourceLinkRow row = ExampleRow();
  codec.Seal(ExampleKey(), ExampleLink(), row);
  ExpectOnPage(row.source_key);
  ExpectOnPage(crypto::PadToBucket(ExampleLink().Encode()));
  ExpectOnPage(row.sealed);
  const auto opened = codec.Open(ExampleKey(), row);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(*opened, ExampleLink());
}

TEST(SourceLinkFormat, EveryBitIsAuthenticated) {
  const LinkCodec codec(ExampleIdentity(), crypto::Suite::kAes256Gcm);
  SourceLinkRow row = ExampleRow();
  codec.Seal(ExampleKey(), ExampleLink(), row);
  for (std::size_t bit = 0; bit < row.sealed.size() * 8; ++bit) {
    SourceLinkRow flipped = row;
    flipped.sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(codec.Open(ExampleKey(), flipped).ok()) << bit;
  }
  const auto broken = StatusIs(absl::StatusCode::kDataLoss);
  SourceLinkRow other = row;
  other.owner.id = HolderId(Counting<16>(1));
  EXPECT_THAT(codec.Open(ExampleKey(), other), broken);
  other = row;
  other.source_key[0] ^= 1;
  EXPECT_THAT(codec.Open(ExampleKey(), other), broken);
  other = row;
  other.generation = 3;
  EXPECT_THAT(codec.Open(ExampleKey(), other), broken);
}

TEST(SourceLinkFormat, ARewrapIsTheSameLinkUnderTheNextKey) {
  const LinkCodec codec(ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305);
  SourceLinkRow row = ExampleRow();
  codec.Seal(ExampleKey(), ExampleLink(), row);
  PersonKey next{Counting<16>(0x31), 3, Custody::kAssisted, CountingKey(0x61)};
  const auto anew = codec.Rewrap(ExampleKey(), next, row);
  ASSERT_THAT(anew, IsOk());
  EXPECT_EQ(anew->generation, 3U);
  EXPECT_EQ(*codec.Open(next, *anew), ExampleLink());
  EXPECT_FALSE(codec.Open(ExampleKey(), *anew).ok());
  EXPECT_THAT(codec.Rewrap(next, ExampleKey(), row),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(SourceLinkFormat, DecodesWhatItEncodesAndNothingElse) {
  const base::Bytes good = ExampleLink().Encode();
  EXPECT_EQ(*SourceLink::Decode(good), ExampleLink());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(SourceLink::Decode(base::ByteView(good).first(size)).ok());
  }
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(SourceLink::Decode(longer).ok());
}

TEST(SourceLinkFormat, WhatIsNoLinkIsRefused) {
  const auto bad = [](auto change) {
    SourceLink link = ExampleLink();
    change(link);
    EXPECT_THAT(link.Check(), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_FALSE(SourceLink::Decode(link.Encode()).ok());
  };
  bad([](SourceLink& link) { link.source = "Tax"; });
  bad([](SourceLink& link) { link.source = ""; });
  bad([](SourceLink& link) { link.source = std::string(41, 'a'); });
  bad([](SourceLink& link) { link.subject.clear(); });
  bad([](SourceLink& link) {
    link.subject = std::string(kMaxSubjectBytes + 1, 's');
  });
  bad([](SourceLink& link) { link.attributes.clear(); });
  bad([](SourceLink& link) { link.attributes[0].attribute = "Income"; });
  bad([](SourceLink& link) { link.attributes[0].mode = SourceMode::kHeld; });
  bad([](SourceLink& link) {
    link.attributes[0].mode = static_cast<SourceMode>(4);
  });
  bad([](SourceLink& link) {
    std::swap(link.attributes[0], link.attributes[1]);
  });
  bad([](SourceLink& link) { link.attributes[1] = link.attributes[0]; });
  SourceLink largest = ExampleLink();
  largest.attributes.clear();
  for (std::size_t i = 0; i < SourceLink::kMaxAttributes; ++i) {
    largest.attributes.push_back(
        {"a.b" + std::to_string(100 + i), SourceMode::kReferenced});
  }
  largest.subject = std::string(kMaxSubjectBytes, 's');
  EXPECT_THAT(largest.Check(), IsOk());
  largest.attributes.push_back({"a.c", SourceMode::kReferenced});
  EXPECT_FALSE(largest.Check().ok());
}

}  // namespace
}  // namespace limpid::vault
