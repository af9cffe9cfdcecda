#include "common/rpc/auth_policy.h"

#include <string_view>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Accepts the token "good" once per method.
class FakeAuthenticator final : public PersonAuthenticator {
 public:
  absl::StatusOr<base::Bytes> Authenticate(std::string_view token,
                                           std::string_view /*proof*/,
                                           std::string_view method) override {
    if (token != "good" || method != "/s/M") {
      return absl::UnauthenticatedError("bad token");
    }
    return base::Bytes{7};
  }
};

Caller Anonymous() { return {}; }
Caller Service() {
  Caller caller;
  caller.kind = CallerKind::kCertificate;
  return caller;
}
Caller Administrator() {
  Caller caller = Service();
  caller.administrator = true;
  return caller;
}
Caller Person(std::string_view token) {
  Caller caller;
  caller.kind = CallerKind::kToken;
  caller.bearer_token = token;
  caller.method = "/s/M";
  return caller;
}

absl::StatusCode Check(const AuthPolicy& policy, Caller caller) {
  return policy.Check(caller).code();
}

TEST(AuthPolicy, PublicLetsEverybodyThrough) {
  for (const Caller& caller :
       {Anonymous(), Service(), Administrator(), Person("bad")}) {
    EXPECT_EQ(Check(AuthPolicy::Public(), caller), absl::StatusCode::kOk);
  }
}

TEST(AuthPolicy, ServiceWantsAServiceCertificate) {
  const AuthPolicy policy = AuthPolicy::Service();
  EXPECT_EQ(Check(policy, Service()), absl::StatusCode::kOk);
  EXPECT_EQ(Check(policy, Administrator()),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Check(policy, Person("good")), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Check(policy, Anonymous()), absl::StatusCode::kUnauthenticated);
}

TEST(AuthPolicy, AdministratorWantsTheOtherAuthority) {
  const AuthPolicy policy = AuthPolicy::Administrator();
  EXPECT_EQ(Check(policy, Administrator()), absl::StatusCode::kOk);
  EXPECT_EQ(Check(policy, Service()), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Check(policy, Anonymous()), absl::StatusCode::kUnauthenticated);
}

TEST(AuthPolicy, CertificateTakesOneOfEitherAuthority) {
  const AuthPolicy policy = AuthPolicy::Certificate();
  EXPECT_EQ(Check(policy, Service()), absl::StatusCode::kOk);
  EXPECT_EQ(Check(policy, Administrator()), absl::StatusCode::kOk);
  EXPECT_EQ(Check(policy, Person("good")), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Check(policy, Anonymous()), absl::StatusCode::kUnauthenticated);
}

TEST(AuthPolicy, PersonWantsATokenThatTheRoleAccepts) {
  FakeAuthenticator authenticator;
  const AuthPolicy policy = AuthPolicy::Person(authenticator);
  Caller person = Person("good");
  EXPECT_THAT(policy.Check(person), IsOk());
  EXPECT_EQ(person.person, base::Bytes{7});
  EXPECT_EQ(Check(policy, Person("bad")), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Check(policy, Anonymous()), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Check(policy, Service()), absl::StatusCode::kPermissionDenied);
}

TEST(AuthPolicy, NewPersonLeavesTheTokenToTheHandler) {
  EXPECT_EQ(Check(AuthPolicy::NewPerson(), Person("any")),
            absl::StatusCode::kOk);
  EXPECT_EQ(Check(AuthPolicy::NewPerson(), Anonymous()),
            absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace limpid::rpc
