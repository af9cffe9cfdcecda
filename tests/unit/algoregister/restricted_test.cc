#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/restricted/reader.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

json::Value Audience(std::vector<std::string> codes) {
  json::Value list = json::Value::Array();
  for (const std::string& code : codes) list.Append(code);
  return list;
}

json::Value Stub(std::vector<std::string> audience) {
  json::Value out = json::Value::Object();
  out.Set("state", "withheld");
  out.Set("ground", "security of the network");
  out.Set("authority", "the executive");
  out.Set("review", "2027-01-31");
  out.Set("audience", Audience(std::move(audience)));
  return out;
}

// A system whose methods are for auditors and regulators alone.
json::Value Request() {
  json::Value content = SystemRequest("Router");
  SetField(content, "methods", Stub({"auditor", "regulator"}));
  content.Set("restricted",
              json::Value::Object({{"methods", GivenText("en", "by secret")}}));
  return content;
}

class RestrictedTest : public ::testing::Test {
 protected:
  absl::StatusOr<Draft> Prepare(const json::Value& request) {
    return house_.target.PrepareNew(house_.By(house_.publisher),
                                    RegistrationKind::kSystem, request);
  }
  Version Published() {
    const auto draft = Prepare(Request());
    EXPECT_THAT(draft, IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, IsOk());
    return *version;
  }

  RegisterHouse house_;
};

TEST_F(RestrictedTest, PublicContentShowsThatItExistsAndNoMore) {
  const Version version = Published();
  const json::Value content = ContentOf(version);
  EXPECT_EQ(content.Find("restricted"), nullptr);
  EXPECT_EQ(json::Canonical(content).find("by secret"), std::string::npos);
  EXPECT_EQ(AudienceOf(content, "methods"),
            (std::vector<std::string>{"auditor", "regulator"}));
  EXPECT_EQ(*content.FindPointer("/fields/methods/ground"),
            json::Value("security of the network"));
  EXPECT_NE(WholeContentOf(version).FindPointer("/restricted/methods/value"),
            nullptr);
}

TEST_F(RestrictedTest, PartsVerifyAgainstTheSameLeaf) {
  const Version version = Published();
  const auto leaf = receipt::VerifyRegistrationLeaf(version.leaf);
  ASSERT_THAT(leaf, IsOk());
  const std::vector<std::string> auditor = {"auditor"};
  const RestrictedParts parts = PartsFor(version, auditor);
  ASSERT_EQ(parts.open.size(), 1U);
  EXPECT_EQ(parts.open.front().pointer, "/restricted/methods");
  EXPECT_EQ(parts.closed_count, 0U);
  EXPECT_THAT(receipt::CheckDisclosures(*leaf, parts.open), IsOk());
  std::vector<FieldDisclosure> forged = parts.open;
  forged.front().value = GivenText("en", "by another");
  EXPECT_FALSE(receipt::CheckDisclosures(*leaf, forged).ok());
  // What is public leaves one digest closed.
  std::vector<FieldDisclosure> open;
  for (const FieldDisclosure& field : version.fields) {
    if (!receipt::IsRestricted(field)) open.push_back(field);
  }
  EXPECT_EQ(*receipt::CheckDisclosures(*leaf, open), 1U);
}

TEST_F(RestrictedTest, OtherAudiencesGetNothing) {
  const Version version = Published();
  const std::vector<std::string> court = {"court"};
  const RestrictedParts parts = PartsFor(version, court);
  EXPECT_TRUE(parts.open.empty());
  EXPECT_EQ(parts.closed_count, 1U);
  EXPECT_TRUE(PartsFor(version, {}).open.empty());
}

TEST_F(RestrictedTest, TheHashIsOfWhatIsPublic) {
  const Version version = Published();
  EXPECT_EQ(receipt::ContentHash(ContentOf(version)),
            receipt::ContentHash(WholeContentOf(version)));
}

// Whoever edits the public fields need not have what is restricted.
TEST_F(RestrictedTest, AnUpdateKeepsThePartsThatItIsToldToKeep) {
  const Version version = Published();
  json::Value request = Request();
  request.Remove("restricted");
  SetField(request, "provider_contact", Given(json::Value("desk@example.org")));
  const auto update = [&](const json::Value& content, bool keep) {
    return house_.target.PrepareUpdate(house_.By(house_.publisher),
                                       version.registration, content, keep);
  };
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(update(request, false), bad);
  const auto kept = update(request, true);
  ASSERT_THAT(kept, IsOk());
  const auto next = house_.Publish(*kept);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(*WholeContentOf(*next).Find("restricted"),
            *WholeContentOf(version).Find("restricted"));
  EXPECT_EQ(ContentOf(*next).Find("restricted"), nullptr);
  // A part of its own goes before the one that was there.
  json::Value other = Request();
  other.Set("restricted",
            json::Value::Object({{"methods", GivenText("en", "otherwise")}}));
  const auto changed = update(other, true);
  ASSERT_THAT(changed, IsOk());
  const auto published = house_.Publish(*changed);
  ASSERT_THAT(published, IsOk());
  EXPECT_EQ(*WholeContentOf(*published).FindPointer("/restricted/methods"),
            GivenText("en", "otherwise"));
  // What is for nobody any more does not stay, and what was erased cannot.
  SetField(request, "methods", Missing());
  const auto open = update(request, true);
  ASSERT_THAT(open, IsOk());
  ASSERT_THAT(house_.Publish(*open), IsOk());
  SetField(request, "methods", Stub({"auditor", "regulator"}));
  EXPECT_THAT(update(request, true), bad);
}

TEST_F(RestrictedTest, ARetirementKeepsTheParts) {
  const Version version = Published();
  const auto draft = house_.target.PrepareRetirement(
      house_.By(house_.publisher), version.registration);
  ASSERT_THAT(draft, IsOk());
  EXPECT_EQ(draft->fields.size(), version.fields.size());
  ASSERT_THAT(house_.Publish(*draft), IsOk());
}

TEST_F(RestrictedTest, ARetirementWithOtherPartsIsRefused) {
  const Version version = Published();
  json::Value content = WholeContentOf(version);
  content.Set("restricted",
              json::Value::Object({{"methods", GivenText("en", "otherwise")}}));
  const auto draft = MakeDraft(version.registration, &version,
                               RegistrationState::kRetired, content,
                               {.key = house_.key.PublicKey(),
                                .role = AuthorRole::kPublisher,
                                .now = house_.clock.Now()},
                               crypto::SystemRandom());
  ASSERT_THAT(draft, IsOk());
  EXPECT_THAT(house_.Publish(draft->draft()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RestrictedTest, AnErasedPartDoesNotBarTheRetirement) {
  const Version version = Published();
  ASSERT_THAT(house_.target.EraseField({.registration = version.registration,
                                        .number = 1,
                                        .pointer = "/restricted/methods",
                                        .ground = "GDPR Article 17(1)(d)"},
                                       false),
              IsOk());
  house_.clock.Advance(absl::Milliseconds(1));
  const auto draft = house_.target.PrepareRetirement(
      house_.By(house_.publisher), version.registration);
  ASSERT_THAT(draft, IsOk());
  EXPECT_THAT(house_.Publish(*draft), IsOk());
}

TEST_F(RestrictedTest, PartsAndStubsGoTogether) {
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  json::Value request = Request();
  request.Remove("restricted");
  EXPECT_THAT(Prepare(request), bad) << "an audience without a part";
  request = Request();
  SetField(request, "methods", Missing());
  EXPECT_THAT(Prepare(request), bad) << "a part without a stub";
  request = Request();
  SetField(request, "methods", Stub({}));
  EXPECT_THAT(Prepare(request), bad) << "no audience";
  for (const auto& codes : std::vector<std::vector<std::string>>{
           {"nobody"}, {"regulator", "auditor"}, {"auditor", "auditor"}}) {
    SetField(request, "methods", Stub(codes));
    EXPECT_THAT(Prepare(request), bad) << codes.front();
  }
  request = Request();
  request.Set("restricted", json::Value::Object());
  EXPECT_THAT(Prepare(request), bad) << "no part";
  request = Request();
  request.Set("restricted", json::Value::Object({{"methods", Missing()}}));
  EXPECT_THAT(Prepare(request), bad) << "not given";
  request = Request();
  request.Set("restricted",
              json::Value::Object({{"methods", Given(json::Value(3))}}));
  EXPECT_THAT(Prepare(request), bad) << "not what the table says";
  request = SystemRequest("Router");
  SetField(request, "provider", Stub({"auditor"}));
  request.Set("restricted",
              json::Value::Object({{"provider", Given(json::Value("org_x"))}}));
  EXPECT_THAT(Prepare(request), bad) << "a reference";
}

TEST_F(RestrictedTest, ReadersHaveAudiencesAndCertificates) {
  RestrictedReader reader;
  reader.name = "Court of Audit";
  reader.audiences = {"auditor", "court"};
  reader.certificate_thumbprints = {base::Digest32{}};
  EXPECT_THAT(ValidateReader(reader), IsOk());
  for (const auto& break_it : std::vector<void (*)(RestrictedReader&)>{
           [](RestrictedReader& one) { one.name.clear(); },
           [](RestrictedReader& one) { one.audiences.clear(); },
           [](RestrictedReader& one) { one.audiences = {"anybody"}; },
           [](RestrictedReader& one) {
             one.audiences = {"court", "auditor"};
           },
           [](RestrictedReader& one) { one.certificate_thumbprints.clear(); },
           [](RestrictedReader& one) {
             one.certificate_thumbprints = {base::Digest32{}, base::Digest32{}};
           }}) {
    RestrictedReader broken = reader;
    break_it(broken);
    EXPECT_THAT(ValidateReader(broken),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace limpid::algoregister
