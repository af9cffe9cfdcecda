// A disk that is full: reads are refused rather than released without an
// entry, and what had been acknowledged is there when there is space again.

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/e2e/shipped_world.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;

constexpr char kAttribute[] = "household.size";
constexpr char kSize[] = "size=96m";
// Far more reads than fit into what is left when the disk is full.
constexpr int kMaxReads = 20'000;
constexpr int kReadsAfterRefusal = 20;

// A small file system of its own in memory.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path path)
      : path_(std::move(path)), mounted_(Mount(path_)) {}
  ~SmallDisk() {
    if (mounted_) (void)umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Takes every byte that is left.
  void Fill() const {
    const int file = open(filler().c_str(), O_WRONLY | O_CREAT, 0600);
    ASSERT_GE(file, 0);
    static constexpr std::array<char, 4096> kBlock{};
    while (write(file, kBlock.data(), kBlock.size()) > 0) {
    }
    EXPECT_EQ(errno, ENOSPC);
    close(file);
  }
  void MakeSpace() const { std::filesystem::remove(filler()); }

 private:
  static bool Mount(const std::filesystem::path& path) {
    std::filesystem::create_directories(path);
    return mount("limpid-test", path.c_str(), "tmpfs", 0, kSize) == 0;
  }
  [[nodiscard]] std::filesystem::path filler() const { return path_ / "fill"; }

  const std::filesystem::path path_;
  const bool mounted_;
};

bool IsFull(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

class FullDiskTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }
  FullDiskTest() : disk_(directory_.path() / "disk") {}
  void SetUp() override {
    if (!disk_.mounted()) {
      GTEST_SKIP() << "a small file system needs root and the right to mount";
    }
    world_ = std::make_unique<testing::World>(
        disk_.path() / "limpid",
        testing::Binary(testing::ShippedBinary("limpidd"),
                        directory_.path() / "server.log"));
    plan_.attributes = {kAttribute};
    service_ = world_->AddService("service", plan_);
    agreement_ = world_->AddAgreement(service_, plan_);
    anna_ = world_->AddPerson();
    ASSERT_THAT(anna_->vault().Put(kAttribute, "3"), IsOk());
    record_ = world_->Grant(service_, agreement_, *anna_);
  }
  absl::StatusOr<vault::v1::ReadAttributesResponse> Read() {
    return service_.client->Read(
        {record_, plan_.purpose, {kAttribute}, "", ""});
  }
  // Reads until refused; remembers every access that was answered.
  absl::Status ReadUntilRefused() {
    for (int i = 0; i < kMaxReads; ++i) {
      const auto read = Read();
      if (!read.ok()) return read.status();
      accesses_.insert(read->access_id());
    }
    return absl::OkStatus();
  }
  void ExpectAllAccessesThere() {
    const auto entries = anna_->consent().ListAccesses("", 100'000);
    ASSERT_THAT(entries, IsOk());
    std::set<std::string> seen;
    for (const auto& entry : *entries) seen.insert(entry.access_id());
    for (const std::string& access : accesses_) {
      EXPECT_TRUE(seen.contains(access)) << "an acknowledged access is lost";
    }
  }

  testing::TempDir directory_;
  SmallDisk disk_;
  std::unique_ptr<testing::World> world_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::string record_;
  std::set<std::string> accesses_;
};

TEST_F(FullDiskTest, RefusesReadsAndKeepsWhatWasAcknowledged) {
  disk_.Fill();
  const absl::Status refused = ReadUntilRefused();
  EXPECT_TRUE(IsFull(refused)) << refused;
  for (int i = 0; i < kReadsAfterRefusal; ++i) {
    const auto read = Read();
    if (read.ok()) {
      accesses_.insert(read->access_id());
    } else {
      EXPECT_TRUE(IsFull(read.status())) << read.status();
    }
  }
  const auto put = anna_->vault().Put(kAttribute, "4");
  EXPECT_TRUE(put.ok() || IsFull(put.status())) << put.status();
  const auto withdrawn = anna_->consent().Withdraw(record_);
  EXPECT_TRUE(withdrawn.ok() || IsFull(withdrawn.status()))
      << withdrawn.status();

  disk_.MakeSpace();
  world_->Restart();
  ExpectAllAccessesThere();
  const auto value = anna_->vault().Get(kAttribute, 0);
  ASSERT_THAT(value, IsOk());
  if (put.ok()) {
    EXPECT_EQ(value->value_json(), "4");
  }
  const auto read = Read();
  ASSERT_THAT(read, IsOk());
  if (withdrawn.ok()) {
    EXPECT_EQ(read->results(0).verdict(), vault::v1::VERDICT_REFUSED);
  }
  // It works again: a new grant is read.
  record_ = world_->Grant(service_, agreement_, *anna_);
  const auto again = Read();
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->results(0).verdict(), vault::v1::VERDICT_ALLOWED);
}

}  // namespace
}  // namespace limpid
