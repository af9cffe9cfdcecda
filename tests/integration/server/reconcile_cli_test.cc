// The administrator's command that holds the vault's trail against consent's
// log, on whole servers: what agrees, and what was planted.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cli/command_line.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/reconcile.h"
#include "clients/cpp/reconcile_client.h"
#include "google/protobuf/message_lite.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/reconcile_service.pb.h"
#include "limpid/vault/v1/release_trail_service.pb.h"
#include "server/provision/provision.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/split.h"

namespace limpid {
namespace {

namespace fs = std::filesystem;
using cli::ExitCode;
using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";
constexpr char kSize[] = "household.size";

// What a fact of the report says; -1 when it is not there.
int Fact(const std::string& out, const std::string& label) {
  const std::size_t at = out.find(label + "\t");
  return at == std::string::npos ? -1 : std::atoi(&out[at + label.size() + 1]);
}

// A period ends that long ago, and a moment more.
void WaitForLeases() {
  absl::SleepFor(client::kReconcileMargin + client::kReconcileTolerance +
                 absl::Milliseconds(200));
}

// Notes are written every five seconds, and published a second later.
void WaitUntilLogged() { absl::SleepFor(absl::Milliseconds(6'500)); }

class ReconcileCliTest : public testing::CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    plan_.attributes = {kName, kSize};
    service_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kSize, "3"), IsOk());
    record_ = world_.Grant(service_, agreement_, *anna_);
  }
  // The access id.
  std::string Read(const std::vector<std::string>& attributes) {
    const auto read =
        service_.client->Read({record_, plan_.purpose, attributes, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->access_id() : "";
  }
  ExitCode Reconcile() {
    return RunAdmin({"reconcile", "--state", State().string()});
  }
  [[nodiscard]] fs::path State() const {
    return directory_.path() / "reconciled.json";
  }
  [[nodiscard]] fs::path Data(const char* role) const {
    return world_.directory() / "data" / role;
  }
  // The files of a role's store, which is closed.
  void Copy(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (const char* end : {"-wal", "-shm"}) {
      fs::remove(to / (std::string("store.db") + end));
    }
    for (const auto& file : fs::directory_iterator(from)) {
      const std::string name = file.path().filename().string();
      if (!name.starts_with("store.db")) continue;
      fs::copy_file(file.path(), to / name,
                    fs::copy_options::overwrite_existing);
    }
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::string record_;
};

TEST_F(ReconcileCliTest, BothLogsAgree) {
  for (int i = 0; i < 3; ++i) Read({kSize});
  // Permitted, and there is no value.
  Read({kName});
  // Nothing permitted, nothing to compare.
  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  Read({kSize});
  WaitUntilLogged();
  ASSERT_EQ(Reconcile(), ExitCode::kOk) << out();
  EXPECT_EQ(Fact(out(), "permitted reads"), 4) << out();
  EXPECT_EQ(Fact(out(), "releases"), 3);
  EXPECT_EQ(Fact(out(), "both"), 3);
  EXPECT_EQ(Fact(out(), "permits not used"), 1);
  EXPECT_EQ(Fact(out(), "findings"), 0);
  EXPECT_FALSE(Said("not in the public logs yet")) << out();
  EXPECT_FALSE(Said("acc_"));
  // The next run begins where this one ended.
  WaitForLeases();
  ASSERT_EQ(Reconcile(), ExitCode::kOk) << out();
  EXPECT_EQ(Fact(out(), "permitted reads"), 0);
}

TEST_F(ReconcileCliTest, ReleasesThatConsentForgotAreAnAlarmThatStays) {
  Read({kSize});
  world_.Stop();
  Copy(Data("consent"), directory_.path() / "copy");
  world_.StartAgain();
  const std::string forgotten = Read({kSize});
  world_.Stop();
  Copy(directory_.path() / "copy", Data("consent"));
  // With the redo tail nothing would be lost.
  for (const char* end : {"0", "1"}) {
    ASSERT_TRUE(fs::remove(Data("consent") / (std::string("tail-") + end)));
  }
  world_.StartAgain();
  WaitForLeases();
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(Reconcile(), ExitCode::kVerificationFailed) << out();
    EXPECT_EQ(Fact(out(), "findings"), 1) << out();
    EXPECT_TRUE(Said("release without entry"));
    EXPECT_TRUE(Said(forgotten));
    EXPECT_FALSE(Said("rec_"));
    EXPECT_FALSE(Said(kSize));
    EXPECT_FALSE(fs::exists(State()));
  }
}

TEST_F(ReconcileCliTest, AVaultPutBackIsNotServedAndNotBelieved) {
  Read({kSize});
  WaitForLeases();
  ASSERT_EQ(Reconcile(), ExitCode::kOk) << out();
  world_.Stop();
  Copy(Data("vault"), directory_.path() / "copy");
  world_.StartAgain();
  Read({kSize});
  WaitUntilLogged();
  ASSERT_EQ(Reconcile(), ExitCode::kOk) << out();
  world_.Stop();
  Copy(directory_.path() / "copy", Data("vault"));
  EXPECT_FALSE(world_.TryStart().ok()) << "it is older than its log";
}

TEST_F(ReconcileCliTest, ABrokenStateFileIsSaidSo) {
  std::ofstream(State()) << R"({"format":"limpid/reconciled/2"})";
  EXPECT_EQ(Reconcile(), ExitCode::kStateBroken) << out();
  EXPECT_EQ(RunAdmin({"reconcile", "--from", "yesterday"}), ExitCode::kUsage);
  EXPECT_EQ(RunAdmin({"reconcile", "--from", "2999-01-01"}), ExitCode::kFailed);
}

TEST_F(ReconcileCliTest, AnotherCertificateSeesNothing) {
  static constexpr client::Method kReads = {
      "/limpid.consent.v1.ReconcileService/ListPermittedReads"};
  static constexpr client::Method kBatches = {
      "/limpid.vault.v1.ReleaseTrailService/ListReleaseBatches"};
  const auto ask = [](client::Connection& connection) {
    consent::v1::ListPermittedReadsResponse reads;
    const absl::Status consent = connection.Call(
        kReads, consent::v1::ListPermittedReadsRequest(), reads);
    vault::v1::ListReleaseBatchesResponse batches;
    const absl::Status vault = connection.Call(
        kBatches, vault::v1::ListReleaseBatchesRequest(), batches);
    EXPECT_EQ(consent.code(), vault.code());
    return consent;
  };
  EXPECT_THAT(ask(*service_.connection),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const auto anonymous = client::Connect(world_.anonymous_channel());
  ASSERT_THAT(anonymous, IsOk());
  EXPECT_THAT(ask(**anonymous), StatusIs(absl::StatusCode::kUnauthenticated));
}

// A server that lies: what it says is changed on its way.
class Lying final : public client::Connection {
 public:
  explicit Lying(client::Connection& truth) : truth_(truth) {}

  absl::Status Call(const client::Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    absl::Status done = truth_.Call(method, request, response);
    if (auto* reads =
            dynamic_cast<consent::v1::ListPermittedReadsResponse*>(&response);
        reads != nullptr && about_reads && reads->reads_size() > 0) {
      about_reads(*reads);
    }
    if (auto* batches =
            dynamic_cast<vault::v1::ListReleaseBatchesResponse*>(&response);
        batches != nullptr && about_batches && batches->batches_size() > 0) {
      about_batches(*batches);
    }
    return done;
  }
  absl::Status Stream(const client::Method& method,
                      const google::protobuf::MessageLite& request,
                      google::protobuf::MessageLite& message,
                      absl::FunctionRef<bool()> each) override {
    return truth_.Stream(method, request, message, each);
  }

  std::function<void(consent::v1::ListPermittedReadsResponse&)> about_reads;
  std::function<void(vault::v1::ListReleaseBatchesResponse&)> about_batches;

 private:
  client::Connection& truth_;
};

void Flip(std::string* bytes) {
  bytes->back() = static_cast<char>(bytes->back() ^ 1);
}

TEST_F(ReconcileCliTest, WhatIsNotInTheSignedLogsIsNotBelieved) {
  const absl::Time from = world_.clock().Now() - absl::Minutes(1);
  const auto connection = client::Connect(world_.admin_channel());
  ASSERT_THAT(connection, IsOk());
  const auto access_log = world_.trust().LogPolicy("/access");
  const auto vault_log = world_.trust().LogPolicy("/vault");
  Lying lying(**connection);
  client::ReconcileClient logs(lying, lying, *access_log, *vault_log,
                               world_.trust().source_id, world_.clock());
  // Two batches: the first is written when it is asked for.
  Read({kSize});
  ASSERT_THAT(logs.LatestEnd(), IsOk());
  Read({kSize});
  WaitUntilLogged();
  const auto until = logs.LatestEnd();
  ASSERT_THAT(until, IsOk());
  const auto read = [&](std::optional<client::TrailEnd> seen = std::nullopt) {
    return logs.Read(from, *until, seen);
  };
  const auto truth = read();
  ASSERT_THAT(truth, IsOk());
  EXPECT_EQ(truth->end.number, 2U);
  EXPECT_EQ(truth->batches_waiting + truth->entries_waiting, 0U);
  EXPECT_THAT(read(truth->end), IsOk());
  const auto refused = StatusIs(absl::StatusCode::kDataLoss);
  client::TrailEnd other = truth->end;
  other.digest.fill(1);
  EXPECT_THAT(read(other), refused) << "another trail than was seen";
  other = truth->end;
  ++other.number;
  EXPECT_THAT(read(other), refused) << "a shorter trail than was seen";

  const std::vector<std::function<void(vault::v1::ReleaseBatch&)>> lies = {
      [](auto& batch) { Flip(batch.mutable_batch()); },
      [](auto& batch) { Flip(batch.mutable_opening()); },
      [](auto& batch) { Flip(batch.mutable_commitment()); },
      [](auto& batch) { batch.set_leaf_index(batch.leaf_index() + 1); },
      [](auto& batch) { Flip(batch.mutable_checkpoint()); }};
  for (std::size_t i = 0; i < lies.size(); ++i) {
    lying.about_batches = [&](auto& page) {
      lies[i](*page.mutable_batches(1));
    };
    EXPECT_THAT(read(), refused) << i;
  }
  lying.about_batches = [](auto& page) {
    page.mutable_batches()->SwapElements(0, 1);
  };
  EXPECT_THAT(read(), refused) << "in another order";
  lying.about_batches = nullptr;

  lying.about_reads = [](auto& page) {
    Flip(page.mutable_reads(0)->mutable_commitment());
  };
  EXPECT_THAT(read(), refused) << "an entry that was not logged";
  lying.about_reads = [](auto& page) {
    page.mutable_reads(0)->set_log_proof("c2sp.org/tlog-proof@v1\n");
  };
  EXPECT_THAT(read(), refused) << "a proof of nothing";
  client::ReconcileClient another(**connection, **connection, *access_log,
                                  *vault_log, "src_a4dqobyha4dqobyha4dqobyha4",
                                  world_.clock());
  EXPECT_THAT(another.Read(from, *until, std::nullopt), refused);
}

class ReconcileSplitTest : public ::testing::Test {
 protected:
  std::string Saved(const char* name, const std::string& text) {
    const auto file = directory_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }

  testing::TempDir directory_;
  testing::SplitWorld split_{directory_.path() / "limpid", testing::InProcess(),
                             testing::InProcess()};
  base::SystemClock clock_;
};

TEST_F(ReconcileSplitTest, TwoServersAgree) {
  testing::AgreementPlan plan;
  plan.attributes = {kSize};
  auto service = split_.consent().AddService("cinema", plan);
  const std::string agreement = split_.consent().AddAgreement(service, plan);
  const auto anna = split_.AddPerson();
  ASSERT_THAT(anna->vault().Put(kSize, "3"), IsOk());
  const std::string record = split_.consent().Grant(service, agreement, *anna);
  const auto at_vault = split_.ConnectToVault(service);
  client::ServiceClient reader(*at_vault, clock_);
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(reader.Read({record, plan.purpose, {kSize}, "", ""}), IsOk());
  }
  WaitForLeases();
  const auto credential = server::IssueClient(
      directory_.path() / "limpid/vault", server::layout::kAdminCa, "admin",
      directory_.path() / "vault-admin", clock_.Now());
  ASSERT_THAT(credential, IsOk());
  std::ostringstream out;
  cli::Session session{cli::Terminal(out, out, {}), clock_};
  const rpc::ChannelOptions admin = split_.consent().admin_channel();
  const auto named = [](const rpc::ChannelOptions& channel) {
    return absl::StrReplaceAll(channel.address, {{"127.0.0.1", "localhost"}});
  };
  session.options().server = named(admin);
  session.options().ca_file = Saved("consent.pem", admin.ca_pem);
  session.options().home = (directory_.path() / "home").string();
  session.options().certificate_file = Saved("a.pem", admin.certificate_pem);
  session.options().key_file = Saved("a.key", admin.private_key_pem);
  const std::vector<std::string> words = {
      "admin",
      "reconcile",
      "--vault",
      named(split_.VaultChannel()),
      "--vault-ca",
      Saved("vault.pem", split_.VaultChannel().ca_pem),
      "--vault-certificate",
      credential->certificate.string(),
      "--vault-key",
      credential->private_key.string()};
  EXPECT_EQ(cli::RunCommandLine(words, session), ExitCode::kOk) << out.str();
  EXPECT_EQ(Fact(out.str(), "permitted reads"), 2) << out.str();
  EXPECT_EQ(Fact(out.str(), "both"), 2);
  EXPECT_EQ(Fact(out.str(), "findings"), 0);
}

}  // namespace
}  // namespace limpid
