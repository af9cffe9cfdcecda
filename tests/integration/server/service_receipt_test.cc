// The service's copy over the wire, judged offline by both verifiers.

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/receipt/service_copy.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";

class ServedReceiptTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName};
    service_ = world_.AddService("cinema", plan_);
    record_ =
        world_.Grant(service_, world_.AddAgreement(service_, plan_), *anna_);
  }

  // Exit code of the Python verifier over `file`: 0 verified, 4 refused.
  int PythonSays(const std::string& file) {
    const std::string path = (directory_.path() / "copy.json").string();
    EXPECT_THAT(base::WriteFileAtomically(path, base::AsBytes(file), 0600),
                IsOk());
    const std::string command = absl::StrCat(
        "cd '", LIMPID_PYTHON, "' && python3 -B -m limpid_verify '", path,
        "' --evidence-key=",
        base::Base64UrlEncode(world_.trust().evidence_key.bytes),
        " >/dev/null 2>&1");
    // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): only paths of ours
    const int status = std::system(command.c_str());
    return WEXITSTATUS(status);
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::unique_ptr<testing::Person> anna_ = world_.AddPerson();
  std::string record_;
};

TEST_F(ServedReceiptTest, BothVerifiersAcceptItOfflineAndRefuseAnotherOne) {
  const auto file = service_.client->GetReceipt(record_);
  ASSERT_THAT(file, IsOk());
  const auto copy = receipt::ServiceCopy::Parse(*file);
  ASSERT_THAT(copy, IsOk());
  const auto fields =
      receipt::VerifyServiceCopy(*copy, world_.trust().evidence_key);
  ASSERT_THAT(fields, IsOk());
  EXPECT_EQ(fields->find("type")->second.string(), "grant");
  EXPECT_EQ(PythonSays(*file), 0);
  std::string damaged = *file;
  damaged.replace(damaged.find("\"grant\""), 7, "\"grand\"");
  EXPECT_EQ(PythonSays(damaged), 4);

  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  const auto end = service_.client->GetReceipt(record_);
  ASSERT_THAT(end, IsOk());
  EXPECT_NE(end->find("\"withdrawal\""), std::string::npos);
  EXPECT_EQ(PythonSays(*end), 0);
}

TEST_F(ServedReceiptTest, AForeignServiceHearsWhatItHearsOfAnUnknownRecord) {
  auto stranger = world_.AddService("stranger", plan_);
  const auto foreign = stranger.client->GetReceipt(record_);
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound));
  std::string nobodys = record_;
  nobodys[10] = nobodys[10] == 'a' ? 'b' : 'a';
  const auto unknown = stranger.client->GetReceipt(nobodys);
  EXPECT_EQ(foreign.status(), unknown.status());
  EXPECT_THAT(stranger.client->GetReceipt("no id"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid
