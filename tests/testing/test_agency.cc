#include "tests/testing/test_agency.h"

#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/jose/jws.h"
#include "common/json/json.h"

namespace limpid::testing {
namespace {

using json::Value;

// Larger than any statement.
constexpr std::size_t kMostBytes = std::size_t{4} << 20U;

std::string TypeOf(std::string_view path) {
  if (path == "/attribute") return "limpid-source-statement+jwt";
  if (path == "/holdings") return "limpid-source-holdings+jwt";
  return "limpid-source-rectification+jwt";
}

}  // namespace

TestAgency::TestAgency(std::string issuer)
    : issuer_(std::move(issuer)), key_(crypto::Ed25519PrivateKey::Generate()) {}

void TestAgency::Hold(const std::string& subject, const std::string& attribute,
                      std::string value_json) {
  const base::MutexLock lock(mutex_);
  values_[{subject, attribute}] = std::move(value_json);
}

void TestAgency::Forget(const std::string& subject,
                        const std::string& attribute) {
  const base::MutexLock lock(mutex_);
  values_.erase({subject, attribute});
}

std::size_t TestAgency::question_count() const {
  const base::MutexLock lock(mutex_);
  return questions_;
}

std::string TestAgency::last_question() const {
  const base::MutexLock lock(mutex_);
  return last_;
}

std::string TestAgency::Sign(std::string_view typ, const Value& claims) const {
  return jose::SignCompact(key_, typ, json::Canonical(claims), kMostBytes);
}

void TestAgency::Attribute(const Value& question, Value& claims) {
  const std::string attribute = question.GetString("attribute").value();
  claims.Set("attribute", attribute);
  claims.Set("as_of", absl::ToUnixSeconds(as_of));
  const base::MutexLock lock(mutex_);
  const auto found =
      values_.find({question.GetString("subject").value(), attribute});
  if (found == values_.end()) {
    claims.Set("absent", true);
  } else {
    claims.Set("value", json::ParseStrict(found->second).value());
  }
}

void TestAgency::Holdings(const Value& question, Value& claims) {
  const std::string subject = question.GetString("subject").value();
  Value list = Value::Array();
  const base::MutexLock lock(mutex_);
  for (const auto& [place, value] : values_) {
    if (place.first != subject) continue;
    Value one = Value::Object();
    one.Set("attribute", place.second);
    one.Set("as_of", absl::ToUnixSeconds(as_of));
    list.Append(std::move(one));
  }
  claims.Set("holdings", std::move(list));
}

void TestAgency::Rectification(const Value& question, Value& claims) {
  const std::string attribute = question.GetString("attribute").value();
  const std::string value = json::Canonical(*question.Find("value"));
  claims.Set("attribute", attribute);
  claims.Set("value_digest",
             base::Base64UrlEncode(crypto::Sha256(base::AsBytes(value))));
  const bool done = rectification == "done";
  if (done || rectification == "accepted") {
    claims.Set("outcome", rectification);
  } else {
    claims.Set("outcome", "refused");
    claims.Set("ground", rectification);
  }
  if (done) Hold(question.GetString("subject").value(), attribute, value);
}

AgencyReply TestAgency::Answer(std::string_view path, std::string_view body) {
  {
    const base::MutexLock lock(mutex_);
    ++questions_;
    last_ = body;
  }
  const Value question = json::ParseStrict(body).value();
  Value claims = Value::Object();
  claims.Set("aud", question.GetString("audience").value());
  claims.Set("iss", issuer_);
  claims.Set("nonce", question.GetString("nonce").value());
  claims.Set("sub", question.GetString("subject").value());
  if (path == "/attribute") {
    Attribute(question, claims);
  } else if (path == "/holdings") {
    Holdings(question, claims);
  } else {
    Rectification(question, claims);
  }
  if (change) change(claims);
  AgencyReply reply;
  reply.body = Sign(TypeOf(path), claims);
  if (damage) damage(reply);
  return reply;
}

std::string TestAgency::LinkFor(const std::string& subject,
                                const std::string& audience,
                                const crypto::Ed25519PublicKey& person,
                                absl::Time now) const {
  Value bound = Value::Object();
  bound.Set("jkt", jose::PublicJwk(person).Thumbprint());
  Value claims = Value::Object();
  claims.Set("aud", audience);
  claims.Set("cnf", std::move(bound));
  claims.Set("iat", absl::ToUnixSeconds(now));
  claims.Set("exp", absl::ToUnixSeconds(now + absl::Minutes(5)));
  claims.Set("iss", issuer_);
  claims.Set("jti", base::Base64UrlEncode(crypto::RandomArray<16>()));
  claims.Set("sub", subject);
  return Sign("limpid-source-link+jwt", claims);
}

}  // namespace limpid::testing
