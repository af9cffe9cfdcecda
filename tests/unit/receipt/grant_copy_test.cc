// Copies of sealed values: the example of the page, and that everything a copy
// says is bound to it.

#include "common/receipt/grant_copy.h"

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

template <std::size_t N>
base::ByteArray<N> Counting(std::uint8_t first) {
  base::ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

crypto::X25519PrivateKey ServiceKey(std::uint8_t first = 0x21) {
  return crypto::X25519PrivateKey::FromBytes(
             base::SecretBytes::Copy(Counting<32>(first)))
      .value();
}

crypto::Ed25519PrivateKey GrantKey(std::uint8_t first = 0x31) {
  return crypto::Ed25519PrivateKey::FromSeed(
             base::SecretBytes::Copy(Counting<32>(first)))
      .value();
}

GrantCopyTerms Terms() {
  GrantCopyTerms terms;
  terms.source = Counting<16>(0xa0);
  terms.service = Counting<16>(0xb0);
  terms.service_key = ServiceKey().PublicKey();
  terms.record = Counting<16>(0x70);
  terms.revision = 4;
  terms.attribute = "person.birth_date";
  terms.schema_version = 1;
  terms.version = 3;
  terms.made = absl::FromUnixMillis(1'795'176'001'000);
  terms.not_after = absl::FromUnixMillis(1'795'262'400'000);
  terms.id = Counting<16>(0x50);
  terms.grant_key = GrantKey().PublicKey();
  return terms;
}

GrantCopyValue Value() {
  return {"\"1990-02-28\"", absl::FromUnixMillis(1'795'176'000'000)};
}

GrantCopy Copy() {
  return MakeGrantCopy(Terms(), Value(), 0, GrantKey()).value();
}

// As somebody would who has the grant key.
void Resign(GrantCopy& copy) {
  base::ByteWriter writer("limpid/vault/grant-copy-signature/1");
  copy.signature =
      GrantKey().Sign(writer.Raw(crypto::Sha256(copy.terms.Encode()))
                          .Raw(crypto::Sha256(copy.box))
                          .Raw(crypto::Sha256(copy.envelope))
                          .bytes());
}

// The hexadecimal after "copy:" in the page.
base::Bytes OfPage() {
  std::ifstream file(std::string(LIMPID_FORMATS) + "/grant-copy.md");
  std::string hex;
  bool named = false;
  for (std::string line; std::getline(file, line);) {
    if (named && line == "```") break;
    if (named) hex += line;
    named = named || line == "copy:";
  }
  return base::HexDecode(hex).value_or(base::Bytes());
}

TEST(GrantCopyFormat, OpensTheCopyOfThePage) {
  const auto copy = GrantCopy::Decode(OfPage());
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(copy->terms, Terms());
  EXPECT_EQ(copy->Encode(), OfPage());
  EXPECT_TRUE(GrantCopyIsSigned(*copy));
  const auto value = OpenGrantCopy(*copy, ServiceKey());
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, Value().value_json);
  EXPECT_EQ(value->put_time, Value().put_time);
}

TEST(GrantCopy, OpensForItsServiceAlone) {
  const GrantCopy copy = Copy();
  EXPECT_THAT(OpenGrantCopy(copy, ServiceKey()), IsOk());
  EXPECT_THAT(OpenGrantCopy(copy, ServiceKey(0x99)), StatusIs(kDataLoss));
  // Terms that say it is another's do not make the box another's.
  GrantCopy moved = copy;
  moved.terms.service_key = ServiceKey(0x99).PublicKey();
  Resign(moved);
  EXPECT_THAT(OpenGrantCopy(moved, ServiceKey(0x99)), StatusIs(kDataLoss));
}

TEST(GrantCopy, EveryBitIsSigned) {
  const base::Bytes encoded = Copy().Encode();
  for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
    base::Bytes changed = encoded;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto copy = GrantCopy::Decode(changed);
    if (!copy.ok()) continue;
    EXPECT_FALSE(GrantCopyIsSigned(*copy)) << bit;
    EXPECT_THAT(OpenGrantCopy(*copy, ServiceKey()), StatusIs(kDataLoss));
  }
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_THAT(GrantCopy::Decode(base::ByteView(encoded).first(size)),
                StatusIs(kInvalid));
  }
  base::Bytes longer = encoded;
  longer.push_back(0);
  EXPECT_THAT(GrantCopy::Decode(longer), StatusIs(kInvalid));
}

TEST(GrantCopy, TheEnvelopeIsBoundToTheTermsItself) {
  // Signed anew by who holds the grant key: the value still says whose it is.
  const std::vector<std::function<void(GrantCopyTerms&)>> changes = {
      [](GrantCopyTerms& terms) { terms.record[0] ^= 1; },
      [](GrantCopyTerms& terms) { terms.attribute = "person.email"; },
      [](GrantCopyTerms& terms) { ++terms.version; },
      [](GrantCopyTerms& terms) { terms.not_after += absl::Hours(1); },
      [](GrantCopyTerms& terms) { terms.form = Form::kPseudonymous; },
      [](GrantCopyTerms& terms) { terms.id[0] ^= 1; },
  };
  for (const auto& change : changes) {
    GrantCopyTerms terms = Terms();
    change(terms);
    GrantCopy mixed = MakeGrantCopy(terms, Value(), 0, GrantKey()).value();
    const GrantCopy other = Copy();
    mixed.envelope = other.envelope;
    mixed.box = other.box;
    Resign(mixed);
    EXPECT_TRUE(GrantCopyIsSigned(mixed));
    EXPECT_THAT(OpenGrantCopy(mixed, ServiceKey()), StatusIs(kDataLoss));
  }
}

TEST(GrantCopyTerms, RefusesWhatIsNotCopied) {
  const std::vector<std::function<void(GrantCopyTerms&)>> changes = {
      [](GrantCopyTerms& terms) { terms.form = Form::kDerived; },
      [](GrantCopyTerms& terms) { terms.form = Form::kAggregate; },
      [](GrantCopyTerms& terms) { terms.form = static_cast<Form>(0); },
      [](GrantCopyTerms& terms) { terms.attribute.clear(); },
      [](GrantCopyTerms& terms) { terms.version = 0; },
      [](GrantCopyTerms& terms) { terms.not_after = terms.made; },
  };
  for (const auto& change : changes) {
    GrantCopyTerms terms = Terms();
    change(terms);
    EXPECT_THAT(GrantCopyTerms::Decode(terms.Encode()), StatusIs(kInvalid));
  }
  EXPECT_EQ(GrantCopyTerms::Decode(Terms().Encode()).value(), Terms());
}

TEST(GrantCopy, LengthsShowInBucketsAndNoTwoAreAlike) {
  const auto size_of = [](const std::string& json, std::size_t floor) {
    return MakeGrantCopy(Terms(), {json, Value().put_time}, floor, GrantKey())
        ->envelope.size();
  };
  EXPECT_EQ(size_of("1", 0), size_of(std::string(15, '1'), 0));
  EXPECT_EQ(size_of("1", 100), size_of(std::string(100, '1'), 100));
  EXPECT_NE(size_of("1", 0), size_of(std::string(100, '1'), 0));
  EXPECT_NE(Copy().envelope, Copy().envelope);
  EXPECT_EQ(base::ToText(Copy().Encode()).find("1990"), std::string::npos);
}

}  // namespace
}  // namespace limpid::receipt
