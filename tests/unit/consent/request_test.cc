// RAR and DCQL as request syntaxes: what resolves to which lines, and where the
// rest is refused.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "consent/request/asked.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::Citizen;
using testing::ThreePurposes;
using testing::World;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// An agreement with these lines, all optional.
Agreement AgreementOver(const std::vector<std::string>& attributes) {
  AgreementContent content = testing::CareContent();
  content.lines.clear();
  for (const std::string& attribute : attributes) {
    content.lines.push_back(
        {attribute, Necessity::kOptional, receipt::Form::kFull, "", "", {}});
  }
  return testing::CareAgreement(content);
}

absl::StatusOr<LinePositions> Rar(std::string_view text,
                                  const Agreement& agreement) {
  static const ThreePurposes kPurposes;
  return ResolveAuthorizationDetails(text, agreement, kPurposes);
}

struct Bad {
  std::string text;
  std::string says;
};

// --- RFC 9396 ---

TEST(AuthorizationDetails, ResolveToLinesOfTheAgreement) {
  const Agreement agreement = testing::CareAgreement();
  const auto lines = Rar(
      R"([{"type":"limpid_attributes","actions":["read"],
           "datatypes":["person.email","person.name"],
           "purpose":"https://example.org/p#HomeCare"}])",
      agreement);
  ASSERT_THAT(lines, IsOk());
  EXPECT_EQ(*lines, (LinePositions{0, 2}));
  const auto both = Rar(
      R"([{"type":"limpid_attributes","datatypes":["person.name"]},
          {"type":"limpid_attributes",
           "datatypes":["person.birth_date","person.name"]}])",
      agreement);
  ASSERT_THAT(both, IsOk());
  EXPECT_EQ(*both, (LinePositions{0, 1}));
}

TEST(AuthorizationDetails, RefuseWithThePointerOfWhatDoesNotResolve) {
  const Agreement agreement = testing::CareAgreement();
  const std::string start = R"([{"type":"limpid_attributes",)";
  const std::string name = R"("datatypes":["person.name"])";
  const std::vector<Bad> cases = {
      {"{}", "authorization_details: : is not an array"},
      {"[]", "authorization_details: : is not an array"},
      {"[1]", ": /0: is not an object"},
      {R"([{"datatypes":["person.name"]}])", ": /0/type: is required"},
      {R"([{"type":"payment_initiation",)" + name + "}]", ": /0/type:"},
      {start + R"("datatypes":["person.name","person.income"]}])",
       ": /0/datatypes/1: is no line of the agreement"},
      {start + R"("datatypes":[]}])", ": /0/datatypes:"},
      {start + R"("datatypes":[7]}])", ": /0/datatypes/0: is not a text"},
      {start + name + R"(,"privileges":["admin"]}])", ": /0/privileges:"},
      {start + name + R"(,"a/b":1}])", ": /0/a~1b: is not understood"},
      {start + name + R"(,"actions":["write"]}])", ": /0/actions/0:"},
      {start + name + R"(,"identifier":"agr_x"}])", ": /0/identifier:"},
      {start + name + R"(,"purpose":"https://example.org/p#Marketing"}])",
       ": /0/purpose:"},
      {start + name + R"(,"purpose":"https://example.org/p#Nothing"}])",
       ": /0/purpose:"},
      {start + name + R"(,"locations":["src_x"]}])", ": /0/locations:"},
      {start + name + R"(,"data_range":{"from":"2026-01-01"}}])",
       ": /0/data_range: is not that of the agreement"},
      {start + R"("datatypes":["person.email"]}])",
       "leaves out the required line person.name"},
      {start + name + "," + name + "}]", "line 1 column"},
  };
  for (const Bad& bad : cases) {
    EXPECT_THAT(Rar(bad.text, agreement), StatusSays(kInvalid, bad.says))
        << bad.text;
  }
}

TEST(AuthorizationDetails, LocationsAreTheSourcesOfTheLines) {
  AgreementContent content = testing::CareContent();
  content.lines[0].source = World::vault();
  const Agreement agreement = testing::CareAgreement(content);
  const auto with = [&](const std::string& source) {
    return Rar(R"([{"type":"limpid_attributes","datatypes":["person.name"],)"
               R"("locations":[")" +
                   source + R"("]}])",
               agreement);
  };
  EXPECT_THAT(with(World::vault().Text()), IsOk());
  EXPECT_THAT(with(testing::IdOf<SourceId>(99).Text()),
              StatusSays(kInvalid, "/0/locations"));
}

// --- DCQL ---

std::string OneCredential(const std::string& rest) {
  return R"({"credentials":[{"id":"p","format":"dc+sd-jwt","meta":{},)" + rest +
         "}]}";
}

TEST(Dcql, PathsAreAttributeNames) {
  const Agreement agreement = testing::CareAgreement();
  const auto lines = ResolveDcql(
      OneCredential(
          R"("claims":[{"path":["name"]},{"path":["person","email"]}])"),
      agreement);
  ASSERT_THAT(lines, IsOk());
  EXPECT_EQ(*lines, (LinePositions{0, 2}));
}

TEST(Dcql, RefusesWithThePointerOfWhatDoesNotResolve) {
  const Agreement agreement = testing::CareAgreement();
  const std::string name = R"("claims":[{"path":["name"]}])";
  const std::vector<Bad> cases = {
      {"[]", "dcql: : is not an object"},
      {"{}", "dcql: /credentials:"},
      {R"({"credentials":[]})", "dcql: /credentials:"},
      {R"({"credentials":[1]})", "/credentials/0: is not an object"},
      {R"({"credentials":[],"x":1})", "dcql: /x: is not supported"},
      {R"({"credentials":[{"id":"p","meta":{},)" + name + "}]}",
       "/credentials/0/format:"},
      {R"({"credentials":[{"id":"p","format":"x",)" + name + "}]}",
       "/credentials/0/meta:"},
      {R"({"credentials":[{"id":"p q","format":"x","meta":{},)" + name + "}]}",
       "/credentials/0/id:"},
      {OneCredential(R"("multiple":true,)" + name), "/credentials/0/multiple:"},
      {OneCredential(R"("trusted_authorities":[],)" + name),
       "/credentials/0/trusted_authorities:"},
      // No claims would ask for everything.
      {OneCredential(R"("claims":[])"), "/credentials/0/claims:"},
      {R"({"credentials":[{"id":"p","format":"x","meta":{}}]})",
       "/credentials/0/claims:"},
      {OneCredential(R"("claims":[{"path":["name"],"values":["x"]}])"),
       "/credentials/0/claims/0/values: is not supported"},
      {OneCredential(R"("claims":[{"path":["name",null]}])"),
       "/credentials/0/claims/0/path/1: is not a text"},
      {OneCredential(R"("claims":[{"path":["name"]},{"path":["income"]}])"),
       "/credentials/0/claims/1/path: is no line of the agreement"},
      {OneCredential(R"("claim_sets":[["a"]],)" + name),
       "/credentials/0/claims/0/id:"},
      {OneCredential(
           R"("claims":[{"id":"a","path":["name"]}],"claim_sets":[["b"]])"),
       "/credentials/0/claim_sets/0/0: names nothing"},
      {OneCredential(R"("claims":[{"id":"a","path":["name"]},)"
                     R"({"id":"a","path":["email"]}])"),
       "/credentials/0/claims/1/id:"},
      {OneCredential(R"("claims":[{"path":["email"]}])"),
       "leaves out the required line person.name"},
      {R"({"credentials":[],"credentials":[]})", "line 1 column"},
  };
  for (const Bad& bad : cases) {
    EXPECT_THAT(ResolveDcql(bad.text, agreement),
                StatusSays(kInvalid, bad.says))
        << bad.text;
  }
}

// The query files of OpenID4VP.
class DcqlVectors : public ::testing::Test {
 protected:
  static absl::StatusOr<LinePositions> Resolve(const std::string& text,
                                               const Agreement& agreement) {
    return ResolveDcql(text, agreement);
  }
};

TEST_F(DcqlVectors, SimpleQueryOfThreeClaims) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/dcql/simple.json");
  const std::string text = limpid::testing::ReadFile(path);
  const auto lines = Resolve(
      text, AgreementOver({"person.given_name", "person.family_name",
                           "person.address.street_address", "person.email"}));
  ASSERT_THAT(lines, IsOk());
  EXPECT_EQ(*lines, (LinePositions{0, 1, 2}));
  EXPECT_THAT(
      Resolve(text, AgreementOver({"person.given_name", "person.family_name"})),
      StatusSays(kInvalid, "/credentials/0/claims/2/path"));
}

TEST_F(DcqlVectors, TheFirstClaimSetThatResolvesIsTaken) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/dcql/claims_alternatives.json");
  const std::string text = limpid::testing::ReadFile(path);
  const auto all =
      Resolve(text, AgreementOver({"family_name", "postal_code", "locality",
                                   "region", "date_of_birth"}));
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(*all, (LinePositions{0, 2, 3, 4}));
  const auto second = Resolve(
      text, AgreementOver({"family_name", "postal_code", "date_of_birth"}));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(*second, (LinePositions{0, 1, 2}));
  EXPECT_THAT(Resolve(text, AgreementOver({"family_name", "postal_code"})),
              StatusSays(kInvalid, "/credentials/0/claim_sets"));
}

TEST_F(DcqlVectors, OptionsAreTriedInOrderAndOptionalSetsLeftOut) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/dcql/credentials_alternatives.json");
  const std::string text = limpid::testing::ReadFile(path);
  const auto reduced =
      Resolve(text, AgreementOver({"family_name", "given_name", "postal_code",
                                   "locality", "region"}));
  ASSERT_THAT(reduced, IsOk());
  EXPECT_EQ(*reduced, (LinePositions{0, 1, 2, 3, 4}));
  const auto nice = Resolve(
      text, AgreementOver({"family_name", "given_name",
                           "address.street_address", "rewards_number"}));
  ASSERT_THAT(nice, IsOk());
  EXPECT_EQ(*nice, (LinePositions{0, 1, 2, 3}));
  EXPECT_THAT(Resolve(text, AgreementOver({"family_name"})),
              StatusSays(kInvalid, "/credential_sets/0/options"));
}

TEST_F(DcqlVectors, EveryCredentialIsNeededWithoutSets) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/dcql/multi_credentials.json");
  const std::string text = limpid::testing::ReadFile(path);
  std::vector<std::string> attributes = {"given_name", "family_name",
                                         "address.street_address",
                                         "org.iso.7367.1.vehicle_holder"};
  EXPECT_THAT(Resolve(text, AgreementOver(attributes)),
              StatusSays(kInvalid, "/credentials/1/claims/1/path"));
  attributes.emplace_back("person.given_name");
  EXPECT_THAT(Resolve(text, AgreementOver(attributes)), IsOk());
}

TEST_F(DcqlVectors, MdocNamespacesResolve) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/dcql/complex_mdoc.json");
  const auto lines =
      Resolve(limpid::testing::ReadFile(path),
              AgreementOver({"person.given_name", "person.family_name",
                             "person.portrait"}));
  ASSERT_THAT(lines, IsOk());
  EXPECT_EQ(*lines, (LinePositions{0, 1, 2}));
}

TEST_F(DcqlVectors, MatchingValuesIsRefused) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/dcql/value_matching_simple.json");
  EXPECT_THAT(Resolve(limpid::testing::ReadFile(path),
                      AgreementOver({"given_name", "family_name",
                                     "address.street_address", "postal_code"})),
              StatusSays(kInvalid, "/credentials/0/claims/0/values"));
}

// --- Through the role ---

class ConsentRequests : public ::testing::Test {
 protected:
  absl::StatusOr<RequestView> Ask(const std::string& text,
                                  std::uint8_t id = 60) {
    NewRequest request;
    request.agreement = world_.agreement()->id;
    request.version = 1;
    request.request_id.fill(id);
    return world_.consent().CreateRequestFrom(
        world_.service()->id, RequestSyntax::kDcql, text, request);
  }
  const std::string name_ = OneCredential(R"("claims":[{"path":["name"]}])");
  const std::string name_and_mail_ =
      OneCredential(R"("claims":[{"path":["name"]},{"path":["email"]}])");

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(ConsentRequests, ASmallerRequestIsShownAndGrantedAsSuch) {
  const auto made = Ask(name_);
  ASSERT_THAT(made, IsOk());
  const auto bound = world_.consent().BindRequest(ann_.id, made->code);
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->asked_lines, (LinePositions{0}));
  const auto log = world_.consent().ListAccesses(ann_.id, {}, 0, 1);
  EXPECT_EQ(log->entries[0].entry.lines.size(), 1U);
  // The usual statement names the birth date too, which was not asked for.
  const RecordId id = bound->revision.record;
  EXPECT_THAT(
      world_.consent().Grant(ann_.id, id, world_.StatementFor(ann_, *bound)),
      StatusSays(kInvalid, "did not ask for"));
  receipt::Statement less = testing::StatementFor(
      bound->revision, *bound->agreement, world_.clock().Now());
  less.lines.pop_back();
  EXPECT_THAT(world_.consent().Grant(ann_.id, id,
                                     receipt::SignStatement(less, ann_.key)),
              IsOk());
  world_.Restart();
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->asked_lines,
            (LinePositions{0}));
}

TEST_F(ConsentRequests, ARequestIdIsForOneContent) {
  const auto first = Ask(name_);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(Ask(name_)->code, first->code);
  EXPECT_THAT(Ask(name_and_mail_), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Ask(name_and_mail_, 61), IsOk());
}

TEST_F(ConsentRequests, AnotherServicesAgreementIsNotFound) {
  NewRequest request;
  request.agreement = world_.agreement()->id;
  request.version = 1;
  EXPECT_THAT(
      world_.consent().CreateRequestFrom(testing::IdOf<ServiceId>(9),
                                         RequestSyntax::kDcql, name_, request),
      StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace limpid::consent
