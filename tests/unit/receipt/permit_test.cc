#include "common/receipt/permit.h"

#include <string>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/receipt/damage.h"

namespace limpid::receipt {
namespace {

using base::Bytes;

Permit TestPermit() {
  Permit permit;
  permit.source.fill(1);
  permit.service_key.fill(2);
  permit.holder.fill(3);
  permit.pseudonym.fill(4);
  permit.request_hash.fill(5);
  permit.nonce.fill(6);
  permit.record.fill(7);
  permit.revision = 8;
  permit.epoch = 9;
  permit.access.fill(10);
  permit.lease = absl::Milliseconds(1500);
  permit.not_after = absl::FromUnixMillis(1'767'225'600'000);
  permit.lines = {{.attribute = "person.name", .form = Form::kFull},
                  {.attribute = "person.birth_date",
                   .form = Form::kDerived,
                   .derivation = "over_n/1",
                   .parameters = R"({"n":18})"}};
  return permit;
}

TEST(Permit, RoundTripsByteForByte) {
  const Permit permit = TestPermit();
  const Bytes encoded = permit.Encode();
  const auto decoded = Permit::Decode(encoded);
  ASSERT_THAT(decoded, testing::IsOk());
  EXPECT_EQ(*decoded, permit);
  EXPECT_EQ(decoded->Encode(), encoded);
}

TEST(Permit, EveryFieldChangesTheBytes) {
  const Bytes encoded = TestPermit().Encode();
  // A flip that still parses must parse to something else: nothing is ignored.
  ExpectEveryFlipRefused(encoded, [&](base::ByteView damaged) {
    const auto decoded = Permit::Decode(damaged);
    return decoded.ok() && *decoded == TestPermit();
  });
  ExpectOtherLengthsRefused(
      encoded, [](base::ByteView bytes) { return Permit::Decode(bytes).ok(); });
}

TEST(Permit, LeaseIsAboveZeroAndAtMostTwoSeconds) {
  Permit permit = TestPermit();
  for (const int millis : {1, 2000}) {
    permit.lease = absl::Milliseconds(millis);
    EXPECT_TRUE(Permit::Decode(permit.Encode()).ok()) << millis;
  }
  for (const int millis : {0, 2001}) {
    permit.lease = absl::Milliseconds(millis);
    EXPECT_FALSE(Permit::Decode(permit.Encode()).ok()) << millis;
  }
}

TEST(Permit, HasOneTo64Lines) {
  Permit permit = TestPermit();
  permit.lines.clear();
  EXPECT_FALSE(Permit::Decode(permit.Encode()).ok());
  permit.lines.assign(kMaxLines, {.attribute = "a.b"});
  EXPECT_TRUE(Permit::Decode(permit.Encode()).ok());
  permit.lines.push_back({.attribute = "a.b"});
  EXPECT_FALSE(Permit::Decode(permit.Encode()).ok());
}

TEST(Form, NamesRoundTripAndOthersAreRefused) {
  for (const Form form :
       {Form::kFull, Form::kDerived, Form::kPseudonymous, Form::kAggregate}) {
    EXPECT_EQ(ParseForm(FormName(form)).value(), form);
  }
  EXPECT_FALSE(ParseForm("Full").ok());
  EXPECT_FALSE(ParseForm("").ok());
}

ReleaseRequestFields TestRequest() {
  ReleaseRequestFields request;
  request.record = "rec_aaaaaaaaaaaaaaaaaaaaaaaaae";
  request.purpose = "https://w3id.org/dpv#ServiceProvision";
  request.attributes = {"a.b", "c.d"};
  request.nonce.fill(9);
  return request;
}

TEST(ReleaseRequestHash, MatchesTheFormatPage) {
  base::ByteWriter writer("limpid/release-request/1");
  writer.Lp(std::string_view("rec_aaaaaaaaaaaaaaaaaaaaaaaaae"))
      .Lp(std::string_view("https://w3id.org/dpv#ServiceProvision"))
      .U16(2)
      .Lp(std::string_view("a.b"))
      .Lp(std::string_view("c.d"))
      .Lp(std::string_view(""))
      .Lp(std::string_view(""))
      .Raw(Bytes(16, 9));
  EXPECT_EQ(ReleaseRequestHash(TestRequest()), crypto::Sha256(writer.bytes()));
}

TEST(ReleaseRequestHash, DependsOnEveryFieldAndTheOrder) {
  const base::Digest32 hash = ReleaseRequestHash(TestRequest());
  const auto differs = [&](auto change) {
    ReleaseRequestFields request = TestRequest();
    change(request);
    return ReleaseRequestHash(request) != hash;
  };
  EXPECT_TRUE(differs([](auto& r) { r.record.back() = 'a'; }));
  EXPECT_TRUE(differs([](auto& r) { r.purpose += "x"; }));
  EXPECT_TRUE(
      differs([](auto& r) { std::swap(r.attributes[0], r.attributes[1]); }));
  EXPECT_TRUE(differs([](auto& r) { r.attributes = {"a.bc.d"}; }));
  EXPECT_TRUE(differs([](auto& r) { r.system = "s"; }));
  EXPECT_TRUE(differs([](auto& r) { r.snapshot = "s"; }));
  EXPECT_TRUE(differs([](auto& r) { r.nonce[0] = 0; }));
}

}  // namespace
}  // namespace limpid::receipt
