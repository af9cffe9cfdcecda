// An administrator puts older copies back: what was withdrawn stays withdrawn,
// what was granted waits for the person, and a log never forks.

#include <filesystem>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/e2e/shipped_world.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::ReadFile;

constexpr char kAttribute[] = "household.size";

class RestoreTest : public testing::ShippedWorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kAttribute};
    service_ = world_.AddService("service", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kAttribute, "3"), IsOk());
  }
  std::string Grant() { return world_.Grant(service_, agreement_, *anna_); }
  bool Reads(const std::string& record) {
    const auto read =
        service_.client->Read({record, plan_.purpose, {kAttribute}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() &&
           read->results(0).verdict() == vault::v1::VERDICT_ALLOWED;
  }
  consent::v1::RecordState StateOf(const std::string& record) {
    const auto answer = anna_->consent().GetRecord(record);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->record().state()
                       : consent::v1::RECORD_STATE_UNSPECIFIED;
  }
  // What a backup of `part` would hold; the server is stopped.
  void Backup(const std::filesystem::path& part) {
    std::filesystem::copy(data() / part, directory_.path() / "backup" / part,
                          std::filesystem::copy_options::recursive);
  }
  void PutBack(const std::filesystem::path& part) {
    std::filesystem::remove_all(data() / part);
    std::filesystem::copy(directory_.path() / "backup" / part, data() / part,
                          std::filesystem::copy_options::recursive);
  }
  void WaitUntilLogged(const std::string& access) {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      const auto receipt = anna_->consent().GetReceipt(access);
      ASSERT_THAT(receipt, IsOk());
      if (receipt->verified.level == receipt::Level::kLogged) return;
      absl::SleepFor(absl::Milliseconds(100));
    }
    FAIL() << "the access was never logged";
  }
  void ReadAndWaitUntilLogged(const std::string& record) {
    const auto read =
        service_.client->Read({record, plan_.purpose, {kAttribute}, "", ""});
    ASSERT_THAT(read, IsOk());
    WaitUntilLogged(read->access_id());
  }
  void ExpectRefusedStart(std::string_view sentence) {
    EXPECT_FALSE(world_.TryStart().ok());
    const std::string log = ReadFile(server_log());
    EXPECT_NE(log.find(sentence), std::string::npos) << log;
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
};

TEST_F(RestoreTest, AnOlderStoreRevivesNothing) {
  const std::string withdrawn = Grant();
  const std::string kept = Grant();
  ASSERT_TRUE(Reads(withdrawn));
  world_.Stop();
  std::filesystem::create_directories(directory_.path() / "backup/consent");
  for (const auto& file :
       std::filesystem::directory_iterator(data() / "consent")) {
    const std::string name = file.path().filename().string();
    if (name.starts_with("store.db")) Backup("consent/" + name);
  }
  world_.StartAgain();
  ASSERT_THAT(anna_->consent().Withdraw(withdrawn), IsOk());
  world_.Stop();
  std::filesystem::remove(data() / "consent/store.db-wal");
  std::filesystem::remove(data() / "consent/store.db-shm");
  for (const auto& file : std::filesystem::directory_iterator(
           directory_.path() / "backup/consent")) {
    PutBack("consent" / file.path().filename());
  }
  world_.StartAgain();
  EXPECT_FALSE(Reads(withdrawn));
  EXPECT_EQ(StateOf(withdrawn), consent::v1::RECORD_STATE_WITHDRAWN);
  EXPECT_FALSE(Reads(kept));
  EXPECT_EQ(StateOf(kept), consent::v1::RECORD_STATE_PAUSED);
  EXPECT_NE(ReadFile(server_log()).find("the store was an older copy"),
            std::string::npos)
      << "the operator was not told";
  // The person decides, and a further start pauses nothing again.
  EXPECT_THAT(anna_->consent().Resume(kept), IsOk());
  world_.Restart();
  EXPECT_TRUE(Reads(kept));
  EXPECT_FALSE(Reads(withdrawn));
}

TEST_F(RestoreTest, ALostStopLedgerIsToldAsOne) {
  const std::string withdrawn = Grant();
  const std::string kept = Grant();
  ASSERT_THAT(anna_->consent().Withdraw(withdrawn), IsOk());
  world_.Stop();
  // Beside the data and not in them: no backup has it.
  ASSERT_TRUE(
      std::filesystem::remove(data().parent_path() / "stop-ledger/stops"));
  world_.StartAgain();
  EXPECT_FALSE(Reads(withdrawn));
  EXPECT_FALSE(Reads(kept));
  const std::string log = ReadFile(server_log());
  EXPECT_NE(log.find("the stop ledger was lost"), std::string::npos);
  EXPECT_EQ(log.find("the store was an older copy"), std::string::npos);
}

TEST_F(RestoreTest, ACopiedHeadIsRefused) {
  ReadAndWaitUntilLogged(Grant());
  world_.Stop();
  std::filesystem::create_directories(directory_.path() / "backup/consent");
  Backup("consent/head");
  PutBack("consent/head");
  ExpectRefusedStart("the head of the log is a copy");
}

TEST_F(RestoreTest, AnOlderLogDirectoryIsRefusedOrRepairedFromTheHead) {
  const std::string record = Grant();
  ReadAndWaitUntilLogged(record);
  world_.Stop();
  std::filesystem::create_directories(directory_.path() / "backup/consent");
  Backup("consent/log");
  world_.StartAgain();
  ReadAndWaitUntilLogged(record);
  world_.Stop();
  PutBack("consent/log");
  ExpectRefusedStart("limpidd: ");
}

TEST_F(RestoreTest, ALostLogIsRefused) {
  ReadAndWaitUntilLogged(Grant());
  world_.Stop();
  std::filesystem::remove_all(data() / "consent/log");
  ExpectRefusedStart("limpidd: ");
}

}  // namespace
}  // namespace limpid
