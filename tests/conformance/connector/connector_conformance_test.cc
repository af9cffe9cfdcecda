// What every source must do, whatever it is: docs/connectors.md, "The
// contract". And what real TLS keeps out.

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/conformance/connector/agency_harness.h"
#include "tests/conformance/connector/connector_harness.h"
#include "tests/conformance/connector/held_harness.h"
#include "tests/conformance/connector/solid_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::vault {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kBirthDate[] = "person.birth_date";
constexpr char kGender[] = "person.gender";
constexpr char kPurpose[] = "https://w3id.org/dpv#ServiceProvision";
const absl::Duration kTime = absl::Seconds(20);
// For sources that hang: what is asked, and what a slow machine may add.
const absl::Duration kShort = absl::Milliseconds(300);
const absl::Duration kPatience = absl::Seconds(4);

class ConnectorConformance : public ::testing::TestWithParam<KindOfSource> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  Connector& connector() { return harness_->connector(); }
  const PersonCaller& anna() { return harness_->anna(); }
  const PersonCaller& bela() { return harness_->bela(); }
  std::string Subject(const PersonCaller& who) {
    const auto linked =
        connector().CheckLink({who, harness_->ProofOf(who)}, kTime);
    EXPECT_THAT(linked, IsOk());
    return linked.ok() ? linked->subject : "";
  }
  absl::StatusOr<SourceAnswer> Fetch(const std::string& subject,
                                     const std::string& attribute,
                                     absl::Duration limit = kTime) {
    return connector().Fetch({subject, attribute, kPurpose}, limit);
  }
  // The value as text, or "(none)", or the error's.
  std::string Value(const std::string& subject, const std::string& attribute) {
    const auto answer = Fetch(subject, attribute);
    if (!answer.ok()) return answer.status().ToString();
    return answer->has_value() ? (*answer)->value_json : "(none)";
  }

  std::unique_ptr<ConnectorHarness> harness_;
};

TEST_P(ConnectorConformance, GivesTheValueInCanonicalFormAndSinceWhen) {
  harness_->Hold(anna(), kBirthDate, "\"1990-02-28\"");
  harness_->Hold(anna(), "income.annual",
                 R"({"year": 2025, "amount": 30000, "currency": "EUR"})");
  const std::string subject = Subject(anna());
  const auto answer = Fetch(subject, kBirthDate);
  ASSERT_THAT(answer, IsOk());
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->value_json, "\"1990-02-28\"");
  EXPECT_LE((*answer)->as_of, absl::Now() + absl::Seconds(30));
  EXPECT_EQ(Value(subject, "income.annual"),
            R"({"amount":30000,"currency":"EUR","year":2025})");
}

TEST_P(ConnectorConformance, AbsenceIsAnAnswer) {
  harness_->Hold(anna(), kBirthDate, "\"1990-02-28\"");
  const std::string subject = Subject(anna());
  EXPECT_EQ(Value(subject, kGender), "(none)");
  harness_->Forget(anna(), kBirthDate);
  EXPECT_EQ(Value(subject, kBirthDate), "(none)");
  EXPECT_EQ(Value(Subject(bela()), kBirthDate), "(none)");
}

TEST_P(ConnectorConformance, ReadsWhatIsThereNow) {
  harness_->Hold(anna(), kGender, "\"f\"");
  const std::string subject = Subject(anna());
  EXPECT_EQ(Value(subject, kGender), "\"f\"");
  harness_->Hold(anna(), kGender, "\"x\"");
  EXPECT_EQ(Value(subject, kGender), "\"x\"");
}

TEST_P(ConnectorConformance, PersonsAreKeptApart) {
  harness_->Hold(anna(), kGender, "\"f\"");
  harness_->Hold(bela(), kGender, "\"m\"");
  const std::string anna_there = Subject(anna());
  const std::string bela_there = Subject(bela());
  EXPECT_NE(anna_there, bela_there);
  EXPECT_EQ(Value(anna_there, kGender), "\"f\"");
  EXPECT_EQ(Value(bela_there, kGender), "\"m\"");
}

TEST_P(ConnectorConformance, HoldingsNameWhatIsThereAndNoValue) {
  const std::string subject = Subject(anna());
  const auto none = connector().Holdings(subject, kTime);
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->empty());
  harness_->Hold(anna(), kGender, "\"f\"");
  harness_->Hold(anna(), kBirthDate, "\"1990-02-28\"");
  harness_->Hold(bela(), "person.email", "\"b@example.org\"");
  const auto some = connector().Holdings(subject, kTime);
  ASSERT_THAT(some, IsOk());
  ASSERT_EQ(some->size(), 2U);
  EXPECT_EQ((*some)[0].attribute, kBirthDate);
  EXPECT_EQ((*some)[1].attribute, kGender);
}

TEST_P(ConnectorConformance, ARequestToRectifyIsDoneOrRefusedWithALaw) {
  harness_->Hold(anna(), kGender, "\"f\"");
  RectificationRequest request;
  request.person = anna();
  request.subject = Subject(anna());
  request.attribute = kGender;
  request.value_json = "\"x\"";
  const auto answer = connector().RequestRectification(request, kTime);
  ASSERT_THAT(answer, IsOk());
  const bool done = answer->outcome == RectificationOutcome::kDone;
  EXPECT_EQ(Value(request.subject, kGender), done ? "\"x\"" : "\"f\"");
  if (answer->outcome == RectificationOutcome::kRefused) {
    EXPECT_FALSE(LawOf(answer->ground).empty());
  }
  request.value_json = "{";
  EXPECT_THAT(connector().RequestRectification(request, kTime),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(ConnectorConformance, WhoShowsNothingIsNobody) {
  EXPECT_THAT(
      connector().CheckLink({anna(), harness_->WorthlessProof()}, kTime),
      StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_P(ConnectorConformance, ManyAskAtOnce) {
  harness_->Hold(anna(), kGender, "\"f\"");
  const std::string subject = Subject(anna());
  std::vector<std::string> values(8);
  std::vector<std::thread> threads;
  threads.reserve(values.size());
  for (std::string& value : values) {
    threads.emplace_back([&] { value = Value(subject, kGender); });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(values, std::vector<std::string>(8, "\"f\""));
}

TEST_P(ConnectorConformance, ASourceThatIsGoneIsUnavailable) {
  if (!harness_->IsRemote()) GTEST_SKIP() << "it cannot be gone";
  harness_->Hold(anna(), kGender, "\"f\"");
  const std::string subject = Subject(anna());
  ASSERT_EQ(Value(subject, kGender), "\"f\"");
  harness_->Stop();
  const auto unavailable = StatusIs(absl::StatusCode::kUnavailable);
  EXPECT_THAT(Fetch(subject, kGender), unavailable);
  EXPECT_THAT(connector().Holdings(subject, kTime), unavailable);
}

TEST_P(ConnectorConformance, ASourceThatHangsIsUnavailableInTime) {
  if (!harness_->IsRemote()) GTEST_SKIP() << "it cannot hang";
  harness_->Hold(anna(), kGender, "\"f\"");
  const std::string subject = Subject(anna());
  harness_->Hang();
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Fetch(subject, kGender, kShort),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begin, kPatience);
}

std::string NameOf(const ::testing::TestParamInfo<KindOfSource>& kind) {
  return kind.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    All, ConnectorConformance,
    ::testing::Values(
        KindOfSource{"OurVault", [] { return std::make_unique<HeldHarness>(); },
                     ""},
        KindOfSource{"Agency", [] { return std::make_unique<AgencyHarness>(); },
                     ""},
        KindOfSource{"SolidPod",
                     [] { return std::make_unique<SolidHarness>(); },
                     SolidServer::WhyAbsent()}),
    NameOf);

// What the network and its certificates keep out, of the agency.
class AgencyOverTls : public ::testing::Test {
 protected:
  AgencyOverTls() { harness_.Hold(harness_.anna(), kGender, "\"f\""); }

  absl::StatusOr<SourceAnswer> FetchWith(
      const server::SourceChannelOptions& options) {
    const auto channel = server::MakeSourceChannel(options);
    if (!channel.ok()) return channel.status();
    return harness_.ConnectorOver(**channel)->Fetch(
        {AgencyHarness::SubjectOf(harness_.anna()), kGender, kPurpose}, kTime);
  }

  AgencyHarness harness_;
};

TEST_F(AgencyOverTls, BothSidesShowWhoTheyAre) {
  EXPECT_THAT(FetchWith(harness_.Options()), IsOk());
  const auto unavailable = StatusIs(absl::StatusCode::kUnavailable);
  // A vault without a certificate, or with one of nobody known.
  auto options = harness_.Options();
  options.certificate_pem.clear();
  options.private_key_pem.clear();
  EXPECT_THAT(FetchWith(options), unavailable);
  const auto stranger = harness_.tls().IssueStranger("vault");
  options.certificate_pem = stranger.certificate_pem;
  options.private_key_pem = stranger.private_key_pem;
  EXPECT_THAT(FetchWith(options), unavailable);
  // A source that another CA vouches for.
  options = harness_.Options();
  options.ca_pem = testing::TestTls().server_ca_pem();
  EXPECT_THAT(FetchWith(options), unavailable);
  // One at another name than its certificate's.
  options = harness_.Options();
  options.url = absl::StrCat("https://127.0.0.2:", harness_.receiver().port(),
                             AgencyHarness::kPath);
  EXPECT_THAT(FetchWith(options), unavailable);
}

TEST_F(AgencyOverTls, ChannelsWithoutAPinnedCaAreNotMade) {
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  auto options = harness_.Options();
  options.ca_pem.clear();
  EXPECT_THAT(FetchWith(options), bad);
  options.ca_pem = "no PEM";
  EXPECT_THAT(FetchWith(options), bad);
  options = harness_.Options();
  options.private_key_pem =
      harness_.tls().IssueService("other").private_key_pem;
  EXPECT_THAT(FetchWith(options), bad);
  options = harness_.Options();
  options.url = "http://localhost:80/limpid";
  EXPECT_THAT(FetchWith(options), bad);
  options.url = "https://localhost:80/limpid/";
  EXPECT_THAT(FetchWith(options), bad);
}

TEST_F(AgencyOverTls, ARedirectIsNotFollowed) {
  testing::HttpsReceiver other(
      harness_.tls().server(),
      [](const testing::ReceivedRequest&) { return testing::Reply{}; });
  harness_.agency().damage = [](testing::AgencyReply& reply) {
    reply.status = 307;
  };
  harness_.AddHeaders(absl::StrCat("Location: https://localhost:", other.port(),
                                   "/attribute\r\n"));
  EXPECT_THAT(FetchWith(harness_.Options()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(other.connection_count(), 0U);
}

TEST_F(AgencyOverTls, AnAnswerThatIsTooLongIsNone) {
  harness_.agency().damage = [](testing::AgencyReply& reply) {
    reply.body.append(kMaxStatementBytes, 'A');
  };
  EXPECT_FALSE(FetchWith(harness_.Options()).ok());
}

TEST_F(AgencyOverTls, TheLargestValueStillComes) {
  const std::string value(kMaxValueBytes - 2, 'x');
  harness_.Hold(harness_.anna(), kGender, absl::StrCat("\"", value, "\""));
  const auto answer = FetchWith(harness_.Options());
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ((*answer)->value_json.size(), kMaxValueBytes);
}

TEST_F(AgencyOverTls, StoppingEndsAQuestionThatHangs) {
  harness_.Hang();
  const auto channel = server::MakeSourceChannel(harness_.Options());
  ASSERT_THAT(channel, IsOk());
  const absl::Time begin = absl::Now();
  std::thread asks([&] {
    EXPECT_FALSE(harness_.ConnectorOver(**channel)
                     ->Fetch({"s", kGender, kPurpose}, absl::Seconds(30))
                     .ok());
  });
  EXPECT_TRUE(harness_.receiver().WaitFor(1));
  (*channel)->Stop();
  asks.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20));
  EXPECT_THAT(
      harness_.ConnectorOver(**channel)->Fetch({"s", kGender, kPurpose}, kTime),
      StatusIs(absl::StatusCode::kUnavailable));
}

// What a pod's server and its owner decide.
class SolidPods : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string absent = SolidServer::WhyAbsent();
    if (!absent.empty()) GTEST_SKIP() << absent;
    harness_ = std::make_unique<SolidHarness>();
    harness_->Hold(harness_->anna(), kGender, "\"f\"");
    const auto linked = harness_->connector().CheckLink(
        {harness_->anna(), harness_->ProofOf(harness_->anna())}, kTime);
    ASSERT_THAT(linked, IsOk());
    subject_ = linked->subject;
  }
  absl::StatusOr<SourceAnswer> Fetch(const std::string& subject) {
    return harness_->connector().Fetch({subject, kGender, kPurpose}, kTime);
  }

  std::unique_ptr<SolidHarness> harness_;
  std::string subject_;
};

TEST_F(SolidPods, SheShutsTheVaultOutAtHerServer) {
  EXPECT_THAT(Fetch(subject_), IsOk());
  harness_->ShutOut(harness_->anna());
  EXPECT_THAT(Fetch(subject_), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SolidPods, ADocumentThatIsNoValueIsALie) {
  for (const char* text :
       {"{", "[]", "{}", R"({"value":"f"})", R"({"as_of":1,"value":"f","x":1})",
        R"({"as_of":"1","value":"f"})", R"({"as_of":99999999999,"value":"f"})",
        R"({"as_of":-253402300800,"value":"f"})"}) {
    harness_->Write(harness_->anna(), "person.gender.json", text);
    EXPECT_THAT(Fetch(subject_), StatusIs(absl::StatusCode::kDataLoss)) << text;
  }
}

TEST_F(SolidPods, OnlyPathsOfPodsAreAsked) {
  for (const char* path : {"", "/", "anna/", "/anna", "//", "/a//b/", "/../",
                           "/./", "/a/../b/", "/a?b/", "/a b/", "/%2e/"}) {
    EXPECT_FALSE(IsPodPath(path)) << path;
    EXPECT_THAT(Fetch(path), StatusIs(absl::StatusCode::kDataLoss)) << path;
  }
  EXPECT_TRUE(IsPodPath("/anna/"));
  EXPECT_TRUE(IsPodPath("/people/anna.b_1-2/"));
}

TEST_F(SolidPods, ALinkIsOfThePodThatNamesHerDeviceAndThisVault) {
  const auto none = StatusIs(absl::StatusCode::kPermissionDenied);
  const auto link = [&](const std::string& proof) {
    return harness_->connector().CheckLink({harness_->anna(), proof}, kTime);
  };
  EXPECT_THAT(link(harness_->ProofOf(harness_->bela())), none);
  EXPECT_THAT(link("https://elsewhere.example/anna/"), none);
  EXPECT_THAT(link(SolidServer::Shared().url() + "/"), none);
  EXPECT_THAT(link(SolidServer::Shared().url() + "@evil.example/anna/"), none);
  harness_->Write(harness_->anna(), "link.json",
                  R"({"audience":"src_other","device":"x"})");
  EXPECT_THAT(link(harness_->ProofOf(harness_->anna())), none);
}

}  // namespace
}  // namespace limpid::vault
