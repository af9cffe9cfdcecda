#include "common/receipt/permit.h"

#include <algorithm>
#include <cstddef>
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

Permit DaysPermit() {
  Permit permit = TestPermit();
  permit.days = {20'240'101, 20'241'231};
  return permit;
}

// Where the two ends stand: behind the label and the fields of fixed size.
constexpr std::size_t kFirstDayAt =
    16 + 16 + 32 + 16 + 16 + 32 + 16 + 16 + 8 + 8 + 16 + 4 + 8;

TEST(PermitDays, ExampleOfThePage) {
  EXPECT_EQ(
      base::HexEncode(DaysPermit().Encode()),
      "0f6c696d7069642f7065726d69742f320101010101010101010101010101010102020202"
      "020202020202020202020202020202020202020202020202020202020303030303030303"
      "030303030303030304040404040404040404040404040404050505050505050505050505"
      "050505050505050505050505050505050505050506060606060606060606060606060606"
      "07070707070707070707070707070707000000000000000800000000000000090a0a0a0a"
      "0a0a0a0a0a0a0a0a0a0a0a0a000005dc0000019b76daa8000134d6e50134db4f00020000"
      "000b706572736f6e2e6e616d6501000000000000000000000011706572736f6e2e626972"
      "74685f6461746502000000086f7665725f6e2f31000000087b226e223a31387d");
}

TEST(PermitDays, RoundTripWithOneEndOrTwo) {
  for (const base::Days days :
       {base::Days{20'240'101, 20'241'231}, base::Days{20'240'101, 0},
        base::Days{0, 20'241'231}}) {
    Permit permit = TestPermit();
    permit.days = days;
    const auto decoded = Permit::Decode(permit.Encode());
    ASSERT_THAT(decoded, testing::IsOk());
    EXPECT_EQ(*decoded, permit);
  }
}

TEST(PermitDays, EveryFlipRefusesOrChanges) {
  const Bytes encoded = DaysPermit().Encode();
  ExpectEveryFlipRefused(encoded, [](base::ByteView damaged) {
    const auto decoded = Permit::Decode(damaged);
    return decoded.ok() && *decoded == DaysPermit();
  });
  ExpectOtherLengthsRefused(
      encoded, [](base::ByteView bytes) { return Permit::Decode(bytes).ok(); });
}

// What a vault that knows the first version alone reads.
TEST(PermitDays, AnEarlierReaderRefusesThem) {
  const std::string first = "limpid/permit/1";
  const Bytes with_days = DaysPermit().Encode();
  base::ByteReader with(with_days);
  with.Label(first);
  EXPECT_TRUE(with.failed());
  const Bytes without_days = TestPermit().Encode();
  base::ByteReader without(without_days);
  without.Label(first);
  EXPECT_FALSE(without.failed());
  // Nor does the one label become the other's body: the ends would be lines.
  Bytes relabelled = DaysPermit().Encode();
  relabelled[first.size()] = '1';
  EXPECT_FALSE(Permit::Decode(relabelled).ok());
  relabelled = TestPermit().Encode();
  relabelled[first.size()] = '2';
  EXPECT_FALSE(Permit::Decode(relabelled).ok());
}

TEST(PermitDays, OnlyDaysInOrderAreRead) {
  const auto with_ends = [](base::Day from, base::Day to) {
    Bytes bytes = DaysPermit().Encode();
    const Bytes ends = base::ByteWriter().U32(from).U32(to).Take();
    std::copy(ends.begin(), ends.end(), bytes.begin() + kFirstDayAt);
    return Permit::Decode(bytes);
  };
  ASSERT_THAT(with_ends(20'240'101, 20'240'101), testing::IsOk());
  EXPECT_EQ(with_ends(20'240'101, 20'240'101)->days,
            (base::Days{20'240'101, 20'240'101}));
  // Without days it would be a second spelling of the first version.
  EXPECT_FALSE(with_ends(0, 0).ok());
  EXPECT_FALSE(with_ends(20'240'102, 20'240'101).ok());
  EXPECT_FALSE(with_ends(20'240'230, 20'241'231).ok());
  EXPECT_FALSE(with_ends(20'240'101, 1).ok());
}

TEST(Permit, AFormItDoesNotKnowIsRefused) {
  Permit permit = TestPermit();
  permit.lines[1].form = Form::kAttested;
  const auto decoded = Permit::Decode(permit.Encode());
  ASSERT_THAT(decoded, testing::IsOk());
  EXPECT_EQ(*decoded, permit);
  for (const int form : {0, 6, 255}) {
    permit.lines[1].form = static_cast<Form>(form);
    EXPECT_FALSE(Permit::Decode(permit.Encode()).ok()) << form;
  }
}

TEST(Form, NamesRoundTripAndOthersAreRefused) {
  for (const Form form : {Form::kFull, Form::kDerived, Form::kPseudonymous,
                          Form::kAggregate, Form::kAttested}) {
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
