#include "tests/conformance/mim4/target.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/one_server.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;

// A server that runs already has services of earlier runs.
std::string FreshName(const std::string& kind) {
  return kind + "-" + base::HexEncode(crypto::RandomArray<8>());
}

}  // namespace

testing::World& Server() {
  static testing::OneServer& server = testing::OneServer::For("MIM4");
  return server.Get();
}

testing::ServiceSide Mim4::NewService() {
  return Server().AddService(FreshName("mim4"), plan_);
}

void Mim4::SetUp() {
  plan_.purpose = kPurpose;
  plan_.attributes = {kName, kEmail, kSize};
  plan_.over_18 = true;
  service_ = NewService();
  agreement_ = Server().AddAgreement(service_, plan_);
  person_ = Server().AddPerson();
  ASSERT_THAT(
      person_->vault().Put(kName, R"({"family":"Jansen","given":"Ada"})"),
      IsOk());
  ASSERT_THAT(person_->vault().Put(kEmail, R"("ada@example.org")"), IsOk());
  ASSERT_THAT(person_->vault().Put(kSize, "3"), IsOk());
  ASSERT_THAT(person_->vault().Put(kBirthDate, R"("1990-02-28")"), IsOk());
}

std::string Mim4::Bound() {
  const auto request = service_.client->CreateRequest(agreement_, 1);
  EXPECT_THAT(request, IsOk());
  if (!request.ok()) return "";
  const auto bound = person_->consent().BindRequest(request->request_code());
  EXPECT_THAT(bound, IsOk());
  return bound.ok() ? bound->record().record_id() : "";
}

std::string Mim4::Granted(const std::vector<std::string>& attributes) {
  std::string record = Bound();
  EXPECT_THAT(person_->consent().Grant(record, {attributes, "", {}}), IsOk());
  return record;
}

absl::StatusOr<vault::v1::ReadAttributesResponse> Mim4::Read(
    const std::string& record,
    const std::vector<std::string>& attributes) const {
  return service_.client->Read({record, kPurpose, attributes, "", ""});
}

std::vector<consent::v1::AccessKind> Mim4::Happened(const std::string& record) {
  std::vector<consent::v1::AccessKind> out;
  const auto entries = person_->consent().ListAccesses(record, 100);
  EXPECT_THAT(entries, IsOk());
  if (!entries.ok()) return out;
  for (const auto& entry : *entries) out.push_back(entry.kind());
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace limpid::mim4
