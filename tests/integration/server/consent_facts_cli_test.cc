// Consent facts through a whole server under TLS: a month is counted at its
// turn, published in the register's log, served to anybody, shown on the
// command line, and audited. docs/formats/consent-facts.md

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cli/command_line.h"
#include "clients/cpp/consent_facts_client.h"
#include "clients/cpp/register_client.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/consent_facts.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "limpid/algoregister/v1/consent_facts_service.pb.h"
#include "server/provision/clock_mark.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

namespace v1 = limpid::algoregister::v1;
using cli::ExitCode;
using testing::IsOk;
using testing::SeededKey;
using testing::StatusSays;

constexpr char kSize[] = "household.size";
constexpr client::Method kGet = {
    "/limpid.algoregister.v1.ConsentFactsService/GetConsentFacts", true};
constexpr std::size_t kMany = 22;
constexpr std::size_t kFew = 3;

// The machine's clock, which a test puts into another month.
class MovedClock final : public base::Clock {
 public:
  [[nodiscard]] absl::Time Now() const override {
    return system_.Now() + absl::Hours(24 * days_on.load());
  }
  [[nodiscard]] absl::Duration Monotonic() const override {
    return system_.Monotonic();
  }

  std::atomic<int> days_on = 0;

 private:
  base::SystemClock system_;
};

// As `limpid WORDS` with these options; what it says goes to `out`.
ExitCode RunLimpid(const cli::GlobalOptions& options, const base::Clock& clock,
                   std::vector<std::string> words, std::string& out) {
  std::ostringstream said;
  cli::Session session{cli::Terminal(said, said, {}), clock};
  session.options() = options;
  const ExitCode code = cli::RunCommandLine(std::move(words), session);
  out = said.str();
  return code;
}

// Twenty-two persons behind a sealed snapshot, three of whom withdrew; the same
// three behind a sealed and an open one of another dataset.
class ConsentFactsCli : public testing::CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    side_ = world_.AddPublisher("statistics-office");
    large_ = NewDataset("Households");
    small_ = NewDataset("Neighbours");
    many_ = AddSnapshot(large_, "many");
    few_ = AddSnapshot(small_, "few");
    open_ = AddSnapshot(small_, "open");
    const std::string system = NewSystem();
    testing::AgreementPlan plan;
    plan.attributes = {kSize};
    plan.ai_training = true;
    plan.system_ids = {system};
    testing::ServiceSide service = world_.AddService("adviser", plan);
    const std::string agreement = world_.AddAgreement(service, plan);
    for (std::size_t i = 0; i < kMany; ++i) {
      persons_.push_back(std::make_unique<testing::Person>(
          world_.anonymous_channel(), world_.trust(), machine_));
      testing::Person& person = *persons_.back();
      ASSERT_THAT(person.vault().Put(kSize, "3"), IsOk());
      records_.push_back(world_.Grant(service, agreement, person));
      std::vector<std::string> snapshots = {many_};
      if (i < kFew) snapshots.insert(snapshots.end(), {few_, open_});
      for (const std::string& snapshot : snapshots) {
        const auto read = service.client->Read(
            {records_.back(), plan.purpose, {kSize}, system, snapshot});
        ASSERT_THAT(read, IsOk());
        ASSERT_EQ(read->results(0).verdict(), vault::v1::VERDICT_ALLOWED);
      }
    }
    Withdraw(0, kFew);
    Seal(large_, many_);
    Seal(small_, few_);
  }

  void Withdraw(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      ASSERT_THAT(persons_[i]->consent().Withdraw(records_[i]), IsOk());
    }
  }
  // The same directory and port, in another month.
  void TurnTheMonth() {
    (later_ == nullptr ? world_ : *later_).Stop();
    machine_.days_on += 32;
    const auto directory = world_.directory();
    ASSERT_THAT(server::ConfirmClock(directory / server::layout::kConfig,
                                     machine_.Now(), machine_),
                IsOk());
    if (later_ != nullptr) {
      later_->StartAgain();
    } else {
      later_ = std::make_unique<testing::World>(
          directory, testing::InProcess(nullptr, &machine_));
    }
  }

  v1::PrepareVersionResponse Publish(v1::PrepareVersionRequest request,
                                     std::string* registration = nullptr) {
    request.set_reason("the households of this year");
    client::PublisherClient publisher(*side_.connection, side_.key);
    v1::PrepareVersionResponse prepared;
    const auto published = publisher.Publish(request, &prepared);
    EXPECT_THAT(published, IsOk());
    if (published.ok() && registration != nullptr) {
      *registration = published->registration_id();
    }
    return prepared;
  }
  std::string New(v1::RegistrationKind kind, const std::string& title,
                  const std::string& more = "") {
    const std::string field = absl::StrCat(
        R"({"state":"given","value":{"en":{"origin":"human","text":")", title,
        R"("}}})");
    v1::PrepareVersionRequest request;
    request.mutable_create()->set_kind(kind);
    request.mutable_create()->set_content_json(
        absl::StrCat(R"({"fields":{"title":)", field, R"(,"description":)",
                     field, more, "}}"));
    std::string id;
    Publish(request, &id);
    return id;
  }
  std::string NewDataset(const std::string& title) {
    return New(v1::REGISTRATION_KIND_DATASET, title);
  }
  // Trains on both datasets.
  std::string NewSystem() {
    return New(
        v1::REGISTRATION_KIND_SYSTEM, "Allowance adviser",
        absl::StrCat(R"(,"dataset_uses":{"state":"given","value":[)",
                     R"({"dataset":")", large_, R"(","use":"train"},)",
                     R"({"dataset":")", small_, R"(","use":"train"}]})"));
  }
  std::string AddSnapshot(const std::string& dataset, const std::string& name) {
    v1::PrepareVersionRequest request;
    request.mutable_add_snapshot()->set_dataset_id(dataset);
    request.mutable_add_snapshot()->set_name(name);
    return Publish(request).snapshot_id();
  }
  void Seal(const std::string& dataset, const std::string& snapshot) {
    v1::PrepareVersionRequest request;
    request.mutable_seal_snapshot()->set_dataset_id(dataset);
    request.mutable_seal_snapshot()->set_snapshot_id(snapshot);
    Publish(request);
  }

  // Without certificate and token.
  absl::StatusOr<v1::GetConsentFactsResponse> TryAsk(
      const std::string& month, const std::string& dataset) {
    const auto connection = testing::Require(
        client::Connect(world_.anonymous_channel()), "connect");
    v1::GetConsentFactsRequest request;
    request.set_month(month);
    request.set_dataset_id(dataset);
    return client::Invoke<v1::GetConsentFactsResponse>(*connection, kGet,
                                                       request);
  }
  v1::GetConsentFactsResponse Ask(const std::string& month = "",
                                  const std::string& dataset = "") {
    const auto out = TryAsk(month, dataset);
    EXPECT_THAT(out, IsOk());
    return out.ok() ? *out : v1::GetConsentFactsResponse();
  }
  // Those of the month that it is now; waits for the thread that counts. The
  // month before was counted too, at any point of the set-up.
  v1::PublishedConsentFacts Published() {
    for (int i = 0; i < 200; ++i) {
      const auto answer = Ask(Month());
      if (answer.facts_size() == 1) return answer.facts(0);
      EXPECT_EQ(answer.facts_size(), 0);
      absl::SleepFor(absl::Milliseconds(100));
    }
    ADD_FAILURE() << "the month was never published";
    return {};
  }
  ExitCode Limpid(std::vector<std::string> words, bool json = false) {
    cli::GlobalOptions options = SessionOf("phone").options();
    options.json = json;
    return RunLimpid(options, machine_, std::move(words), said_);
  }
  [[nodiscard]] bool Says(const std::string& text) const {
    return said_.find(text) != std::string::npos;
  }
  std::string Month() {
    return absl::FormatCivilTime(receipt::FactsMonth(machine_.Now()));
  }
  std::filesystem::path CopyOfLog() {
    const auto copy = directory_.path() / "copy";
    std::filesystem::copy(world_.directory() / "data/register/log", copy,
                          std::filesystem::copy_options::recursive);
    return copy;
  }

  MovedClock machine_;
  testing::PublisherSide side_;
  std::string large_;
  std::string small_;
  std::string many_;
  std::string few_;
  std::string open_;
  std::vector<std::unique_ptr<testing::Person>> persons_;
  std::vector<std::string> records_;
  std::unique_ptr<testing::World> later_;
  std::string said_;
};

TEST_F(ConsentFactsCli, AMonthIsPublishedAtItsTurnAndStays) {
  TurnTheMonth();
  const auto facts = Published();
  EXPECT_EQ(facts.month(), Month());
  ASSERT_EQ(facts.snapshots_size(), 2) << "the open one is told of";
  const bool many_first = facts.snapshots(0).snapshot_id() == many_;
  const auto& many = facts.snapshots(many_first ? 0 : 1);
  EXPECT_EQ(many.snapshot_id(), many_);
  EXPECT_EQ(many.dataset_id(), large_);
  EXPECT_EQ(many.figures_of_id(), many_);
  EXPECT_EQ(many.person_count(), 20);
  ASSERT_TRUE(many.has_withdrawn_count());
  EXPECT_EQ(many.withdrawn_count(), 0);
  const auto& few = facts.snapshots(many_first ? 1 : 0);
  EXPECT_EQ(few.snapshot_id(), few_);
  EXPECT_EQ(few.person_count(), 0);
  EXPECT_FALSE(few.has_withdrawn_count());
  // Signed, and in the log.
  const auto anonymous =
      testing::Require(client::Connect(world_.anonymous_channel()), "connect");
  const auto policy = world_.trust().LogPolicy("/register");
  ASSERT_THAT(policy, IsOk());
  client::ConsentFactsClient client(*anonymous, *policy);
  const auto checked = client.Get("");
  ASSERT_THAT(checked, IsOk());
  ASSERT_EQ(checked->size(), 1U);
  EXPECT_EQ(checked->front().operator_key, world_.trust().evidence_key);
  // Eleven have withdrawn by now, and nobody learns it this month.
  Withdraw(kFew, 11);
  EXPECT_EQ(Published().entry(), facts.entry());
  EXPECT_EQ(Ask().facts(0).entry(), facts.entry());
  later_->Restart();
  const auto again = Published();
  EXPECT_EQ(again.entry(), facts.entry());
  EXPECT_EQ(again.proof().leaf_index(), facts.proof().leaf_index());
  // Of one dataset, and of one that nobody has.
  EXPECT_EQ(Ask(Month(), small_).facts(0).snapshots_size(), 1);
  EXPECT_EQ(Ask("", "dat_" + std::string(26, 'a')).facts(0).snapshots_size(),
            0);
  EXPECT_EQ(Ask("1999-01").facts_size(), 0);
  for (const char* const month : {"2027-13", "2027-5", "May", "2027-05-01"}) {
    EXPECT_THAT(TryAsk(month, ""),
                StatusSays(absl::StatusCode::kInvalidArgument, "month"))
        << month;
  }
  EXPECT_THAT(TryAsk("", many_),
              StatusSays(absl::StatusCode::kInvalidArgument, "dataset_id"));
}

TEST_F(ConsentFactsCli, ALaterMonthIsCountedAnewAndTheEarlierOneStays) {
  TurnTheMonth();
  const std::string first = Month();
  const std::string entry = Published().entry();
  Withdraw(kFew, 11);
  TurnTheMonth();
  const auto later = Published();
  EXPECT_NE(later.entry(), entry);
  ASSERT_EQ(later.snapshots_size(), 2);
  for (const auto& one : later.snapshots()) {
    EXPECT_EQ(one.person_count(), one.snapshot_id() == many_ ? 20 : 0);
    // Eleven of twenty-two: too few are left to say how many went.
    EXPECT_FALSE(one.has_withdrawn_count());
  }
  EXPECT_EQ(Ask().facts(0).month(), Month());
  EXPECT_EQ(Ask(first).facts(0).entry(), entry);
}

TEST_F(ConsentFactsCli, TheCommandLineShowsThemAndAuditsTheirLog) {
  ASSERT_EQ(Limpid({"register", "consent-facts", "--month", "1999-01"}),
            ExitCode::kOk)
      << said_;
  EXPECT_TRUE(Says("Nothing is told.")) << said_;
  TurnTheMonth();
  (void)Published();
  ASSERT_EQ(Limpid({"register", "consent-facts"}), ExitCode::kOk) << said_;
  EXPECT_TRUE(Says(Month())) << said_;
  EXPECT_TRUE(Says(many_)) << said_;
  EXPECT_TRUE(Says(few_)) << said_;
  EXPECT_FALSE(Says(open_)) << said_;
  EXPECT_TRUE(Says("fewer than 10")) << said_;
  EXPECT_TRUE(Says("not shown")) << said_;
  EXPECT_TRUE(Says("in the log")) << said_;
  ASSERT_EQ(Limpid({"register", "consent-facts", large_, "--month", Month()},
                   /*json=*/true),
            ExitCode::kOk)
      << said_;
  EXPECT_TRUE(Says(many_)) << said_;
  EXPECT_FALSE(Says(few_)) << said_;
  EXPECT_TRUE(Says("\"person_count\": 20")) << said_;
  EXPECT_TRUE(Says("\"withdrawn_count\": 0")) << said_;
  // What is no id, what nobody has, and no month.
  EXPECT_EQ(Limpid({"register", "consent-facts", many_}), ExitCode::kUsage);
  EXPECT_TRUE(Says("dat_ and 26 characters")) << said_;
  EXPECT_EQ(
      Limpid({"register", "consent-facts", "dat_" + std::string(26, 'a')}),
      ExitCode::kOk);
  EXPECT_TRUE(Says("Nothing is told.")) << said_;
  EXPECT_NE(Limpid({"register", "consent-facts", "--month", "May"}),
            ExitCode::kOk);
  EXPECT_TRUE(Says("2027-05")) << said_;
  const std::string vkey = world_.trust().log_vkeys.at("test.example/register");
  EXPECT_EQ(Limpid({"audit", CopyOfLog().string(), "--vkey", vkey}),
            ExitCode::kOk)
      << said_;
}

// A register log of its own with the facts of these months, by one operator.
class AuditOfFacts : public ::testing::Test {
 protected:
  ExitCode AuditOf(const std::vector<int>& months) {
    std::vector<base::Bytes> entries;
    for (const int month : months) {
      receipt::ConsentFactsEntry entry;
      entry.time = absl::FromUnixSeconds(1'767'225'600 + month);
      entry.facts.month = absl::CivilMonth(2026, month);
      entry.facts.snapshots = {receipt::SnapshotFacts{}};
      entries.push_back(receipt::SignConsentFacts(entry, SeededKey(1)));
    }
    const auto head = tlog::FileHeadStore::Open(folder_.path() / "head");
    const auto log =
        tlog::Log::OpenOrCreate({.directory = folder_.path() / "log",
                                 .origin = "example.org/register",
                                 .head = **head,
                                 .key = crypto::Ed25519PrivateKey::Generate(),
                                 .clock = clock_});
    EXPECT_THAT(log, IsOk());
    EXPECT_THAT((*log)->Append(entries), IsOk());
    return RunLimpid(
        {}, clock_,
        {"audit", (folder_.path() / "log").string(), "--vkey", (*log)->Vkey()},
        said_);
  }

  testing::TempDir folder_;
  base::SystemClock clock_;
  std::string said_;
};

TEST_F(AuditOfFacts, TakesEachMonthOnce) {
  EXPECT_EQ(AuditOf({1, 2, 4}), ExitCode::kOk) << said_;
}

TEST_F(AuditOfFacts, RefusesAMonthToldTwice) {
  EXPECT_EQ(AuditOf({1, 2, 2}), ExitCode::kVerificationFailed) << said_;
  EXPECT_NE(said_.find("month twice"), std::string::npos) << said_;
}

TEST_F(AuditOfFacts, RefusesAMonthThatComesLater) {
  EXPECT_EQ(AuditOf({2, 1}), ExitCode::kVerificationFailed) << said_;
}

}  // namespace
}  // namespace limpid
