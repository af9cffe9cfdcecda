// What is believed of an agency's answer, and what is not.

#include "vault/connectors/source_statement.h"

#include <cstdlib>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/secret.h"
#include "common/crypto/hash.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/test_agency.h"
#include "tests/unit/vault/direct_channel.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/connectors/agency_connector.h"

namespace limpid::vault {
namespace {

using json::Value;
using testing::AgencyReply;
using testing::IsOk;
using testing::StatusIs;
using testing::TestAgency;

constexpr char kIssuer[] = "https://tax.example/limpid";
constexpr char kBirthDate[] = "person.birth_date";
const absl::Duration kTime = absl::Seconds(1);

class SourceStatement : public ::testing::Test {
 protected:
  SourceStatement() { agency_.Hold("s-anna", kBirthDate, "\"1990-02-28\""); }

  SourceTrust Trust() {
    return {kIssuer,
            ExampleIdentity().source.Text(),
            {jose::PublicJwk(agency_.key())}};
  }
  absl::StatusOr<SourceAnswer> Fetch(
      const std::string& subject = "s-anna",
      const std::string& attribute = kBirthDate) {
    return connector_.Fetch(
        {subject, attribute, "https://w3id.org/dpv#ServiceProvision"}, kTime);
  }
  // What the agency's answers become when their claims are changed.
  void ExpectLie(std::function<void(Value&)> change) {
    agency_.change = std::move(change);
    EXPECT_THAT(Fetch(), StatusIs(absl::StatusCode::kDataLoss));
    agency_.change = nullptr;
  }
  absl::StatusCode CodeOfDamaged(std::function<void(AgencyReply&)> damage) {
    agency_.damage = std::move(damage);
    const absl::StatusCode code = Fetch().status().code();
    agency_.damage = nullptr;
    return code;
  }
  absl::StatusOr<LinkedSubject> Link(const std::string& proof) {
    return connector_.CheckLink(
        {{HolderId(Counting<16>(1)), device_.PublicKey()}, proof}, kTime);
  }
  [[nodiscard]] std::string GoodLink() const {
    return agency_.LinkFor("s-anna", ExampleIdentity().source.Text(),
                           device_.PublicKey(), clock_.Now());
  }

  testing::FakeClock clock_;
  TestAgency agency_{kIssuer};
  DirectChannel channel_{agency_};
  AgencyConnector connector_{Trust(), channel_, clock_};
  crypto::Ed25519PrivateKey device_ = crypto::Ed25519PrivateKey::Generate();
};

TEST_F(SourceStatement, AnAnswerIsTheValueWithItsSignature) {
  const auto answer = Fetch();
  ASSERT_THAT(answer, IsOk());
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->value_json, "\"1990-02-28\"");
  EXPECT_EQ((*answer)->as_of, agency_.as_of);
  EXPECT_EQ((*answer)->signed_by, jose::PublicJwk(agency_.key()).Thumbprint());
  // Evidence that verifies alone.
  EXPECT_THAT(
      jose::VerifyCompact((*answer)->statement, jose::PublicJwk(agency_.key()),
                          kStatementType, kMaxStatementBytes),
      IsOk());
}

TEST_F(SourceStatement, TheQuestionNamesNobodyBeyondTheLink) {
  ASSERT_THAT(Fetch(), IsOk());
  const auto question = json::ParseStrict(agency_.last_question());
  ASSERT_THAT(question, IsOk());
  EXPECT_THAT(question->CheckOnlyKeys(
                  {"attribute", "audience", "nonce", "purpose", "subject"}),
              IsOk());
  EXPECT_EQ(question->GetString("subject").value(), "s-anna");
  EXPECT_EQ(question->GetString("purpose").value(),
            "https://w3id.org/dpv#ServiceProvision");
}

TEST_F(SourceStatement, AbsenceIsAnAnswer) {
  const auto answer = Fetch("s-anna", "person.email");
  ASSERT_THAT(answer, IsOk());
  EXPECT_FALSE(answer->has_value());
  ExpectLie([](Value& claims) { claims.Set("absent", false); });
  ExpectLie([](Value& claims) {
    claims.Remove("value");
    claims.Set("absent", "true");
  });
}

TEST_F(SourceStatement, EveryClaimMustBeThatOfTheQuestion) {
  for (const char* name : {"aud", "iss", "nonce", "sub", "attribute"}) {
    ExpectLie([&](Value& claims) { claims.Set(name, "other"); });
    ExpectLie([&](Value& claims) { claims.Set(name, 7); });
  }
  for (const char* name :
       {"aud", "iss", "nonce", "sub", "attribute", "as_of", "value"}) {
    ExpectLie([&](Value& claims) { claims.Remove(name); });
  }
  ExpectLie([](Value& claims) { claims.Set("more", true); });
  // Both, which is neither.
  ExpectLie([](Value& claims) { claims.Set("absent", true); });
}

TEST_F(SourceStatement, AReplayedAnswerIsForAnotherNonce) {
  std::string first;
  EXPECT_EQ(CodeOfDamaged([&](AgencyReply& reply) { first = reply.body; }),
            absl::StatusCode::kOk);
  EXPECT_EQ(CodeOfDamaged([&](AgencyReply& reply) { reply.body = first; }),
            absl::StatusCode::kDataLoss);
}

TEST_F(SourceStatement, AnotherPersonsAnswerIsNotHers) {
  agency_.Hold("s-bela", kBirthDate, "\"1960-01-01\"");
  ExpectLie([](Value& claims) {
    claims.Set("sub", "s-bela");
    claims.Set("value", "1960-01-01");
  });
}

TEST_F(SourceStatement, AValueHeldInTheFutureIsNone) {
  const auto set = [](absl::Time time) {
    return [time](Value& claims) {
      claims.Set("as_of", absl::ToUnixSeconds(time));
    };
  };
  ExpectLie(set(clock_.Now() + jose::kMaxClockSkew + absl::Seconds(1)));
  agency_.change = set(clock_.Now() + jose::kMaxClockSkew);
  EXPECT_THAT(Fetch(), IsOk());
  // Registers are older than 1970.
  agency_.change = set(absl::FromUnixSeconds(-1'000'000'000));
  EXPECT_THAT(Fetch(), IsOk());
  ExpectLie([](Value& claims) { claims.Set("as_of", "2020-01-01"); });
}

TEST_F(SourceStatement, OnlyAPinnedKeyMaySign) {
  TestAgency other{kIssuer};
  other.Hold("s-anna", kBirthDate, "\"1991-01-01\"");
  DirectChannel channel{other};
  AgencyConnector connector{Trust(), channel, clock_};
  EXPECT_THAT(connector.Fetch({"s-anna", kBirthDate, "p"}, kTime),
              StatusIs(absl::StatusCode::kDataLoss));
  // A second key is for changing keys.
  SourceTrust both = Trust();
  both.keys.emplace_back(other.key());
  AgencyConnector changing{both, channel, clock_};
  EXPECT_THAT(changing.Fetch({"s-anna", kBirthDate, "p"}, kTime), IsOk());
}

TEST_F(SourceStatement, EveryCharacterIsSigned) {
  std::string good;
  ASSERT_EQ(CodeOfDamaged([&](AgencyReply& reply) { good = reply.body; }),
            absl::StatusCode::kOk);
  for (std::size_t at = 0; at < good.size(); ++at) {
    const absl::StatusCode code = CodeOfDamaged([at](AgencyReply& reply) {
      reply.body[at] = reply.body[at] == 'A' ? 'B' : 'A';
    });
    ASSERT_EQ(code, absl::StatusCode::kDataLoss) << at;
  }
}

TEST_F(SourceStatement, WhatIsNoAnswerOfTheProtocolSaysNothing) {
  const auto unavailable = absl::StatusCode::kUnavailable;
  EXPECT_EQ(CodeOfDamaged([](AgencyReply& reply) { reply.status = 500; }),
            unavailable);
  EXPECT_EQ(CodeOfDamaged([](AgencyReply& reply) { reply.status = 302; }),
            unavailable);
  EXPECT_EQ(CodeOfDamaged([](AgencyReply& reply) { reply.status = 404; }),
            unavailable);
  EXPECT_EQ(CodeOfDamaged(
                [](AgencyReply& reply) { reply.content_type = "text/html"; }),
            unavailable);
  EXPECT_EQ(CodeOfDamaged([](AgencyReply& reply) { reply.body = "hello"; }),
            absl::StatusCode::kDataLoss);
  channel_.error = absl::UnavailableError("down");
  EXPECT_THAT(Fetch(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SourceStatement, AStatementOfAnotherKindIsNone) {
  agency_.damage = [&](AgencyReply& reply) {
    const auto claims = jose::VerifyCompact(
        reply.body, jose::PublicJwk(agency_.key()), kStatementType);
    reply.body = agency_.Sign(kHoldingsType, *json::ParseStrict(*claims));
  };
  EXPECT_THAT(Fetch(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SourceStatement, HoldingsAreListedOnceEachByAttribute) {
  agency_.Hold("s-anna", "income.annual", "{}");
  agency_.Hold("s-bela", "person.email", "\"b@example.org\"");
  const auto holdings = connector_.Holdings("s-anna", kTime);
  ASSERT_THAT(holdings, IsOk());
  EXPECT_EQ(*holdings, (std::vector<Holding>{{"income.annual", agency_.as_of},
                                             {kBirthDate, agency_.as_of}}));
  agency_.change = [](Value& claims) {
    Value list = claims.GetArray("holdings").value();
    list.Append(list.elements().front());
    claims.Set("holdings", std::move(list));
  };
  EXPECT_THAT(connector_.Holdings("s-anna", kTime),
              StatusIs(absl::StatusCode::kDataLoss));
  agency_.change = [](Value& claims) {
    Value list = Value::Array();
    for (std::size_t i = 0; i <= kMaxHoldings; ++i) {
      Value one = Value::Object();
      one.Set("attribute", "a.b" + std::to_string(i));
      one.Set("as_of", 0);
      list.Append(std::move(one));
    }
    claims.Set("holdings", std::move(list));
  };
  EXPECT_THAT(connector_.Holdings("s-anna", kTime),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SourceStatement, ARefusalToRectifyHasAGroundInLaw) {
  RectificationRequest request;
  request.subject = "s-anna";
  request.attribute = kBirthDate;
  request.value_json = "\"1990-02-27\"";
  const auto ask = [&] {
    return connector_.RequestRectification(request, kTime);
  };
  agency_.rectification = "accurate";
  auto answer = ask();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->outcome, RectificationOutcome::kRefused);
  EXPECT_EQ(LawOf(answer->ground), "GDPR Art. 16");
  agency_.rectification = "legal_claims";
  EXPECT_EQ(LawOf(ask()->ground), "GDPR Art. 17(3)(e), 18(2)");
  agency_.rectification = "accepted";
  EXPECT_EQ(ask()->outcome, RectificationOutcome::kAccepted);
  // No reason, or one that nobody knows, is no answer.
  agency_.rectification = "because";
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kDataLoss));
  agency_.rectification = "accurate";
  agency_.change = [](Value& claims) { claims.Remove("ground"); };
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kDataLoss));
  agency_.change = [](Value& claims) { claims.Set("ground", 1); };
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kDataLoss));
  // The answer to another proposal.
  agency_.change = [](Value& claims) {
    claims.Set("value_digest", base::Base64UrlEncode(Counting<32>(0)));
  };
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kDataLoss));
  agency_.change = nullptr;
  agency_.rectification = "done";
  EXPECT_EQ(ask()->outcome, RectificationOutcome::kDone);
  EXPECT_EQ((*Fetch())->value_json, "\"1990-02-27\"");
}

TEST_F(SourceStatement, ALinkServesHerDeviceOnce) {
  const std::string link = GoodLink();
  const auto linked = Link(link);
  ASSERT_THAT(linked, IsOk());
  EXPECT_EQ(linked->subject, "s-anna");
  EXPECT_THAT(Link(link), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(SourceStatement, ALinkOfAnotherPersonVaultSourceOrTimeIsNone) {
  const auto none = StatusIs(absl::StatusCode::kPermissionDenied);
  const std::string here = ExampleIdentity().source.Text();
  const auto stranger = crypto::Ed25519PrivateKey::Generate();
  EXPECT_THAT(
      Link(agency_.LinkFor("s-anna", here, stranger.PublicKey(), clock_.Now())),
      none);
  EXPECT_THAT(Link(agency_.LinkFor("s-anna", "src_other", device_.PublicKey(),
                                   clock_.Now())),
              none);
  TestAgency other{kIssuer};
  EXPECT_THAT(
      Link(other.LinkFor("s-anna", here, device_.PublicKey(), clock_.Now())),
      none);
  EXPECT_THAT(
      Link(agency_.LinkFor("", here, device_.PublicKey(), clock_.Now())), none);
  EXPECT_THAT(Link(agency_.LinkFor(std::string(201, 'x'), here,
                                   device_.PublicKey(), clock_.Now())),
              none);
  EXPECT_THAT(Link(""), none);
  // From the future, and over.
  EXPECT_THAT(Link(agency_.LinkFor("s-anna", here, device_.PublicKey(),
                                   clock_.Now() + absl::Minutes(1))),
              none);
  const std::string late = GoodLink();
  clock_.Advance(absl::Minutes(5) + jose::kMaxClockSkew);
  EXPECT_THAT(Link(late), none);
}

// The text of the line "name = text" of the page.
std::string Example(std::string_view name) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  const std::string text =
      testing::ReadFile(std::string(root == nullptr ? "." : root) +
                        "/docs/formats/source-statement.md");
  std::istringstream lines(text.substr(text.find("## Worked example")));
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (equals == std::string::npos) continue;
    if (line.substr(0, line.find(' ')) == name) return line.substr(equals + 3);
  }
  ADD_FAILURE() << "no example named " << name;
  return "";
}

TEST(SourceStatementExample, IsWhatIsBelieved) {
  const auto key = *crypto::Ed25519PrivateKey::FromSeed(
      base::SecretBytes::Copy(*base::HexDecode(Example("seed"))));
  const SourceTrust trust{Example("issuer"),
                          Example("audience"),
                          {jose::PublicJwk(key.PublicKey())}};
  EXPECT_EQ(Example("audience"), ExampleIdentity().source.Text());
  Asked asked{Counting<16>(0x10), Example("subject"), "income.annual", {}};
  EXPECT_EQ(Example("nonce"), base::Base64UrlEncode(asked.nonce));
  const absl::Time now = absl::FromUnixSeconds(1'767'225'600);
  const auto value = ReadStatement(Example("statement"), trust, asked, now);
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ((*value)->value_json,
            R"({"amount":30000,"currency":"EUR","year":2025})");
  const auto absence = ReadStatement(Example("absence"), trust, asked, now);
  ASSERT_THAT(absence, IsOk());
  EXPECT_FALSE(absence->has_value());
  const auto holdings = ReadHoldings(Example("holdings"), trust, asked, now);
  ASSERT_THAT(holdings, IsOk());
  EXPECT_EQ(*holdings, (std::vector<Holding>{{"income.annual", now}}));
  asked.proposed = crypto::Sha256(
      base::AsBytes(R"({"amount":20000,"currency":"EUR","year":2025})"));
  const auto refusal = ReadRectification(Example("refusal"), trust, asked);
  ASSERT_THAT(refusal, IsOk());
  EXPECT_EQ(refusal->ground, RectificationGround::kAccurate);
  const auto device = *crypto::Ed25519PrivateKey::FromSeed(CountingKey(1));
  const auto link = ReadLink(Example("link"), trust, device.PublicKey(), now);
  ASSERT_THAT(link, IsOk());
  EXPECT_EQ(link->subject, Example("subject"));
  EXPECT_EQ(link->id, Counting<16>(0x20));
}

}  // namespace
}  // namespace limpid::vault
