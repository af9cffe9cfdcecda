#include "tests/conformance/mim4/target.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/rpc/tls13.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;

std::unique_ptr<testing::World> MakeServer() {
  rpc::RequireTls13();
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
  const char* const address = std::getenv("LIMPID_MIM4_ADDRESS");
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
  const char* const directory = std::getenv("LIMPID_MIM4_DIRECTORY");
  if (address != nullptr && directory != nullptr) {
    return std::make_unique<testing::World>(directory,
                                            testing::Running(address));
  }
  // Kept until the program ends, as the server nearly is.
  static const testing::TempDir kDirectory;
  return std::make_unique<testing::World>(kDirectory.path() / "limpid",
                                          testing::InProcess());
}

// A server that runs already has services of earlier runs.
std::string FreshName(const std::string& kind) {
  return kind + "-" + base::HexEncode(crypto::RandomArray<8>());
}

// Ends the server before the program does: at exit OpenSSL goes first, and a
// server that stops still hashes what it noted.
class Servers final : public ::testing::Environment {
 public:
  testing::World& One() {
    if (server_ == nullptr) server_ = MakeServer();
    return *server_;
  }
  void TearDown() override { server_.reset(); }

 private:
  std::unique_ptr<testing::World> server_;
};

// GoogleTest owns it.
Servers& All() {
  static Servers* const kAll = [] {
    auto servers = std::make_unique<Servers>();
    Servers* const out = servers.get();
    ::testing::AddGlobalTestEnvironment(servers.release());
    return out;
  }();
  return *kAll;
}

}  // namespace

testing::World& Server() { return All().One(); }

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
