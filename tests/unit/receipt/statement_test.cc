#include "common/receipt/statement.h"

#include <string>
#include <string_view>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusSays;

Statement TestStatement() {
  Statement statement;
  statement.agreement = "agr_aaaaaaaaaaaaaaaaaaaaaaaaae";
  statement.agreement_hash.fill(1);
  statement.from = absl::FromUnixMillis(1'767'225'600'000);
  statement.until = statement.from + absl::Hours(24);
  statement.grant_key.fill(2);
  statement.lines = {{.attribute = "person.name", .form = Form::kFull},
                     {.attribute = "person.birth_date",
                      .form = Form::kDerived,
                      .derivation = "over_n/1",
                      .parameters = R"({"n":18})"}};
  statement.nonce.fill(3);
  statement.notice_hash.fill(4);
  statement.operator_name = "city";
  statement.predecessor.fill(5);
  statement.record = "rec_aaaaaaaaaaaaaaaaaaaaaaaaae";
  statement.revision = 2;
  statement.service = "svc_aaaaaaaaaaaaaaaaaaaaaaaaae";
  statement.time = statement.from;
  return statement;
}

TEST(Statement, RoundTripsAndVerifies) {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  const SignedStatement is = SignStatement(TestStatement(), key);
  EXPECT_TRUE(StatementIsSigned(is, key.PublicKey()));
  const auto parsed = Statement::Parse(is.canonical_json);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, TestStatement());
  EXPECT_EQ(parsed->Canonical(), is.canonical_json);
}

TEST(Statement, AnyChangedCharacterOrKeyBreaksTheSignature) {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  SignedStatement is = SignStatement(TestStatement(), key);
  EXPECT_FALSE(
      StatementIsSigned(is, crypto::Ed25519PrivateKey::Generate().PublicKey()));
  for (char& c : is.canonical_json) {
    const char before = c;
    c = static_cast<char>(c ^ 1);
    EXPECT_FALSE(StatementIsSigned(is, key.PublicKey()));
    c = before;
  }
}

TEST(Statement, NamesTheMemberThatIsMissing) {
  const json::Value whole =
      json::ParseStrict(TestStatement().Canonical()).value();
  for (const json::Member& member : whole.members()) {
    json::Value less = whole;
    less.Remove(member.key);
    EXPECT_THAT(Statement::Parse(json::Canonical(less)),
                StatusSays(absl::StatusCode::kInvalidArgument, member.key))
        << member.key;
  }
}

TEST(Statement, RefusesUnknownDoubledAndUncanonical) {
  const std::string good = TestStatement().Canonical();
  json::Value more = json::ParseStrict(good).value();
  more.Set("zzz", "x");
  const std::string doubled = absl::StrReplaceAll(
      good, {{"{\"action\"", "{\"action\":\"grant\",\"action\""}});
  const std::string spaced =
      absl::StrReplaceAll(good, {{"{\"action\"", "{ \"action\""}});
  const std::string other_action =
      absl::StrReplaceAll(good, {{"\"grant\"", "\"withdraw\""}});
  for (const std::string& text :
       {json::Canonical(more), doubled, spaced, other_action, good + " ",
        std::string("[]"), std::string()}) {
    EXPECT_FALSE(Statement::Parse(text).ok()) << text;
  }
}

TEST(Statement, WantsOneTo64Lines) {
  Statement statement = TestStatement();
  statement.lines.clear();
  EXPECT_FALSE(Statement::Parse(statement.Canonical()).ok());
  statement.lines.assign(kMaxLines, {.attribute = "a.b"});
  EXPECT_TRUE(Statement::Parse(statement.Canonical()).ok());
  statement.lines.push_back({.attribute = "a.b"});
  EXPECT_FALSE(Statement::Parse(statement.Canonical()).ok());
}

}  // namespace
}  // namespace limpid::receipt
