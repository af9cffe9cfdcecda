// One answer a day, paid for before it exists, over the persons of a permit.

#include "vault/statistics/aggregator.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/batch.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/buffered_random.h"
#include "tests/unit/vault/cohort_gate.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/statistics/budget.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

using testing::IsOk;
using testing::StatusIs;
using Function = StatisticFunction;

constexpr char kSize[] = "household.size";
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

// A store that does as it is told.
class FlakyStore final : public StatisticsStore {
 public:
  explicit FlakyStore(const VaultReads& values)
      : inner_(NewMemoryStatisticsStore(values)) {}

  absl::StatusOr<std::vector<std::optional<base::Bytes>>> Budgets(
      std::span<const BudgetKey> keys) const override {
    if (before_budgets) before_budgets();
    return inner_->Budgets(keys);
  }
  absl::Status PutBudgets(std::span<const BudgetRow> rows) override {
    if (fail_budgets) return absl::UnavailableError("no disk");
    if (before_put) before_put();
    put_count += rows.size();
    for (const BudgetRow& row : rows) last[row.key] = row.sealed;
    return inner_->PutBudgets(rows);
  }
  absl::StatusOr<std::optional<base::Bytes>> FindAnswer(
      const base::Digest32& question) const override {
    return inner_->FindAnswer(question);
  }
  absl::Status InsertAnswer(const base::Digest32& question, std::uint64_t epoch,
                            const base::Bytes& sealed) override {
    if (fail_answer) return absl::UnavailableError("no disk");
    ++answer_count;
    return inner_->InsertAnswer(question, epoch, sealed);
  }

  std::function<void()> before_budgets;
  std::function<void()> before_put;
  std::size_t put_count = 0;
  bool fail_budgets = false;
  bool fail_answer = false;
  int answer_count = 0;
  std::map<BudgetKey, base::Bytes> last;

 private:
  std::unique_ptr<StatisticsStore> inner_;
};

class AggregatorTest : public ::testing::Test {
 protected:
  // Persons with a household of three who may be counted.
  void Add(int count, std::string_view value = "3") {
    for (int i = 0; i < count; ++i) {
      const PersonCaller person{HolderId::Random(), world_.anna.key};
      if (!value.empty()) world_.Put(person, kSize, value);
      gate_.members.push_back(person.holder.bytes());
    }
  }
  StatisticRequest Question(Function function = Function::kCount,
                            std::uint8_t agreement = 1) const {
    StatisticRequest out;
    out.caller_thumbprint = Counting<32>(0x11);
    out.agreement = base::FormatIdText("agr", Counting<16>(agreement));
    out.purpose = "https://w3id.org/dpv#ProvideOfficialStatistics";
    out.attribute = kSize;
    out.function = function;
    return out;
  }
  absl::StatusOr<StatisticAnswer> Ask(StatisticRequest request) {
    std::optional<absl::StatusOr<StatisticAnswer>> out;
    aggregator_->Answer(std::move(request),
                        [&](auto answer) { out.emplace(std::move(answer)); });
    return *std::move(out);
  }
  absl::StatusOr<StatisticAnswer> Ask() { return Ask(Question()); }
  void Open(StatisticExecutors run) {
    aggregator_ = Aggregator::Open(*core_, world_.keks, store_, gate_,
                                   gate_.key(), std::move(run))
                      .value();
  }
  void Restart() { Open({}); }
  void SetUp() override { Restart(); }
  base::SecretBytes Key() {
    return world_.keks.Named(kStatisticsKeyName).value();
  }
  // Of each person that paid.
  std::vector<Budget> Budgets() {
    std::vector<Budget> out;
    for (const auto& [place, sealed] : store_.last) {
      out.push_back(OpenBudget(Key(), place, sealed).value());
    }
    return out;
  }

  VaultWorld world_;
  SeededRandom random_;
  // The world's stores with noise that is the same in every run.
  std::unique_ptr<VaultCore> core_ =
      VaultCore::Open(
          {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
          {world_.keks, *world_.keys, *world_.store, world_.clock, random_})
          .value();
  CohortGate gate_{world_.clock};
  FlakyStore store_{*world_.store};
  std::unique_ptr<Aggregator> aggregator_;
};

TEST_F(AggregatorTest, CountsThoseOfThePermitWhoHaveAValue) {
  Add(300);
  Add(20, "");
  const auto answer = Ask();
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->statistic.published);
  EXPECT_NEAR(static_cast<double>(answer->statistic.count), 300, 60);
  EXPECT_EQ(answer->epoch, 20454U);
  EXPECT_EQ(Budgets().size(), 300U);
  const auto mean = Ask(Question(Function::kMean));
  ASSERT_THAT(mean, IsOk());
  EXPECT_NEAR(static_cast<double>(mean->statistic.count), 300, 120);
  Add(100, "1");
  const auto cells = Ask(Question(Function::kHistogram));
  ASSERT_THAT(cells, IsOk());
  ASSERT_EQ(cells->statistic.cells.size(), 50U);
  EXPECT_NEAR(static_cast<double>(*cells->statistic.cells[0].count), 100, 60);
  EXPECT_NEAR(static_cast<double>(*cells->statistic.cells[2].count), 300, 60);
  EXPECT_FALSE(cells->statistic.cells[1].count.has_value());
}

TEST_F(AggregatorTest, ADayHasOneAnswerForAQuestion) {
  Add(200);
  const auto first = Ask(Question(Function::kSum));
  ASSERT_THAT(first, IsOk());
  // Whoever went or came meanwhile.
  gate_.members.resize(100);
  Restart();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Ask(Question(Function::kSum))->statistic, first->statistic);
    EXPECT_TRUE(gate_.questions.back().answered);
  }
  EXPECT_EQ(store_.answer_count, 1);
  for (const Budget& budget : Budgets()) {
    EXPECT_EQ(budget.spent_milli, kAnswerEpsilonMilli);
  }
  world_.clock.Advance(absl::Hours(24));
  ASSERT_THAT(Ask(Question(Function::kSum)), IsOk());
  EXPECT_FALSE(gate_.questions.back().answered);
  EXPECT_EQ(store_.answer_count, 2);
}

TEST_F(AggregatorTest, TooFewIsTheAnswerOfTheDayToo) {
  const auto answer = Ask();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->statistic, Statistic());
  Add(200);
  EXPECT_EQ(Ask()->statistic, Statistic());
  EXPECT_TRUE(gate_.questions.back().answered);
}

TEST_F(AggregatorTest, TheRightToAKeptAnswerIsAskedEachTime) {
  Add(200);
  ASSERT_THAT(Ask(), IsOk());
  gate_.error = absl::PermissionDeniedError("not any more");
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(AggregatorTest, TheBudgetIsOneForAllServicesAndQuestions) {
  Add(100);
  const int most = static_cast<int>(kYearEpsilonMilli / kAnswerEpsilonMilli);
  for (int i = 0; i < most; ++i) {
    const auto function = i % 2 == 0 ? Function::kCount : Function::kSum;
    const auto answer =
        Ask(Question(function, static_cast<std::uint8_t>(1 + i / 2)));
    ASSERT_THAT(answer, IsOk());
    EXPECT_TRUE(answer->statistic.published) << i;
  }
  for (const Budget& budget : Budgets()) {
    EXPECT_EQ(budget.spent_milli, kYearEpsilonMilli);
  }
  // Nobody is left to be counted, whoever asks.
  EXPECT_FALSE(Ask(Question(Function::kCount, 99))->statistic.published);
  for (const Budget& budget : Budgets()) {
    EXPECT_EQ(budget.spent_milli, kYearEpsilonMilli);
  }
  world_.clock.Advance(absl::Hours(24 * 364));
  EXPECT_FALSE(Ask()->statistic.published);
  world_.clock.Advance(absl::Hours(24));
  EXPECT_TRUE(Ask()->statistic.published);
}

TEST_F(AggregatorTest, IsPaidForBeforeItExistsAndOnce) {
  Add(100);
  store_.fail_budgets = true;
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  EXPECT_EQ(store_.answer_count, 0);
  store_.fail_budgets = false;
  store_.fail_answer = true;
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  for (const Budget& budget : Budgets()) {
    EXPECT_EQ(budget.spent_milli, kAnswerEpsilonMilli);
  }
  store_.fail_answer = false;
  ASSERT_THAT(Ask(), IsOk());
  ASSERT_EQ(Budgets().size(), 100U);
  for (const Budget& budget : Budgets()) {
    EXPECT_EQ(budget.spent_milli, kAnswerEpsilonMilli);
  }
}

TEST_F(AggregatorTest, NothingIsKeptOnceThePermitRanOut) {
  Add(30);
  bool late = true;
  store_.before_budgets = [&] {
    if (late) world_.clock.Advance(receipt::kMaxCohortLease);
  };
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  EXPECT_EQ(store_.answer_count, 0);
  late = false;
  EXPECT_THAT(Ask(), IsOk());
  // By the record's clock as well as by the lease.
  gate_.change = [&](receipt::CohortPermit& permit) {
    permit.not_after = world_.clock.Now();
  };
  EXPECT_THAT(Ask(Question(Function::kSum)), StatusIs(kUnavailable));
}

// Otherwise its persons would pay every day, and nobody ever had an answer.
TEST_F(AggregatorTest, ACohortTooSlowForItsPermitSpendsNothing) {
  Add(600);
  store_.before_budgets = [&] { world_.clock.Advance(absl::Seconds(25)); };
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  world_.clock.Advance(absl::Hours(24));
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  EXPECT_EQ(store_.put_count, 0U);
  EXPECT_EQ(store_.answer_count, 0);
}

TEST_F(AggregatorTest, SpendingBeginsWithAsMuchLeaseAsOpeningTook) {
  Add(30);
  absl::Duration takes = receipt::kMaxCohortLease / 2 + absl::Milliseconds(1);
  store_.before_budgets = [&] { world_.clock.Advance(takes); };
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  EXPECT_EQ(store_.put_count, 0U);
  takes = receipt::kMaxCohortLease / 2;
  EXPECT_THAT(Ask(), IsOk());
  EXPECT_EQ(store_.put_count, 30U);
}

TEST_F(AggregatorTest, WhoPaidAtALostTryPaysNothingMore) {
  Add(600);
  store_.before_put = [&] { world_.clock.Advance(receipt::kMaxCohortLease); };
  EXPECT_THAT(Ask(), StatusIs(kUnavailable));
  EXPECT_EQ(store_.put_count, 256U);
  EXPECT_EQ(store_.answer_count, 0);
  store_.before_put = nullptr;
  const auto answer = Ask();
  ASSERT_THAT(answer, IsOk());
  EXPECT_NEAR(static_cast<double>(answer->statistic.count), 600, 60);
  EXPECT_EQ(store_.put_count, 600U);
  for (const Budget& budget : Budgets()) {
    EXPECT_EQ(budget.spent_milli, kAnswerEpsilonMilli);
  }
}

TEST_F(AggregatorTest, WhoIsErasedBeforeShePaidLeavesNoBudget) {
  Add(30);
  const HolderId gone(gate_.members.front());
  store_.before_put = [&] {
    ASSERT_THAT(world_.ErasePerson({gone, world_.anna.key}), IsOk());
  };
  ASSERT_THAT(Ask(), IsOk());
  ASSERT_EQ(store_.last.size(), 30U);
  for (const auto& [place, sealed] : store_.last) {
    EXPECT_EQ(store_.Budgets({&place, 1})->front().has_value(),
              place.owner.id != gone);
  }
}

TEST_F(AggregatorTest, RefusesEveryPermitThatIsNotForThis) {
  Add(30);
  using Permit = receipt::CohortPermit;
  const std::vector<std::function<void(Permit&)>> changes = {
      [](Permit& p) { p.source[0] ^= 1U; },
      [](Permit& p) { p.service_key[0] ^= 1U; },
      [](Permit& p) { p.agreement[0] ^= 1U; },
      [](Permit& p) { p.purpose += "x"; },
      [](Permit& p) { p.attribute += "x"; },
      [](Permit& p) { p.request_hash[0] ^= 1U; },
      [](Permit& p) { p.nonce[0] ^= 1U; },
      [](Permit& p) { ++p.epoch; },
      [](Permit& p) { ++p.member_count; },
      [](Permit& p) { p.members[0] ^= 1U; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    gate_.change = changes[i];
    EXPECT_THAT(Ask(), StatusIs(kDataLoss)) << i;
  }
  gate_.change = nullptr;
  gate_.kind = receipt::BatchKind::kReceipts;
  EXPECT_THAT(Ask(), StatusIs(kDataLoss));
  gate_.kind = receipt::BatchKind::kPermits;
  gate_.add_member = true;
  EXPECT_THAT(Ask(), StatusIs(kDataLoss));
  gate_.add_member = false;
  CohortGate other(world_.clock);
  const auto stranger =
      Aggregator::Open(*core_, world_.keks, store_, gate_, other.key());
  std::optional<absl::Status> status;
  (*stranger)->Answer(Question(),
                      [&](auto answer) { status = answer.status(); });
  EXPECT_THAT(*status, StatusIs(kDataLoss));
  EXPECT_TRUE(store_.last.empty());
  EXPECT_THAT(Ask(), IsOk());
}

TEST_F(AggregatorTest, AsksNobodyWhatCannotBeCounted) {
  const auto refused = [&](auto change) {
    StatisticRequest request = Question();
    change(request);
    return Ask(request).status();
  };
  EXPECT_THAT(refused([](auto& r) { r.attribute = "person.name"; }),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused([](auto& r) { r.attribute = "income.annual"; }),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused([](auto& r) { r.attribute = "no.such"; }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(refused([](auto& r) { r.attribute = "No id"; }),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused([](auto& r) { r.agreement.clear(); }),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused([](auto& r) { r.purpose.assign(201, 'p'); }),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(gate_.questions.empty());
}

TEST_F(AggregatorTest, ErasedValuesDoNotCount) {
  Add(30);
  const PersonCaller gone{HolderId(gate_.members.front()), world_.anna.key};
  ASSERT_THAT(world_.desk.EraseVersion(gone, kSize, 1), IsOk());
  ASSERT_THAT(Ask(), IsOk());
  EXPECT_EQ(Budgets().size(), 29U);
}

TEST_F(AggregatorTest, SealedValuesDoNotCountAndCostNoBudget) {
  Add(30);
  // A newer version that only a device can open.
  const HolderId holder(gate_.members.front());
  AttributeRow row;
  row.owner = world_.core->blinder().OwnerOf(holder);
  row.name_key = world_.core->blinder().NameKeyOf(holder, kSize);
  row.request_key = Counting<16>(9);
  row.version = 2;
  row.schema_version = 1;
  row.custody = Custody::kSealed;
  row.generation = 1;
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  ASSERT_THAT(Ask(), IsOk());
  EXPECT_EQ(Budgets().size(), 29U);
}

TEST_F(AggregatorTest, ADamagedOrExchangedBudgetIsAnAlarm) {
  Add(2);
  ASSERT_THAT(Ask(), IsOk());
  const auto first = store_.last.begin();
  const auto second = std::next(first);
  const BudgetRow exchanged = {first->first, second->second};
  ASSERT_THAT(store_.PutBudgets({&exchanged, 1}), IsOk());
  EXPECT_THAT(Ask(Question(Function::kSum)), StatusIs(kDataLoss));
}

TEST_F(AggregatorTest, AnAnswerOfConsentMayComeWhenTheVaultIsGone) {
  Add(30);
  gate_.hold_back = true;
  absl::Status status;
  aggregator_->Answer(Question(),
                      [&](auto answer) { status = answer.status(); });
  aggregator_.reset();
  Cohort late;
  late.permit = gate_.Permit(gate_.questions.back());
  gate_.held(std::move(late));
  EXPECT_THAT(status, StatusIs(kUnavailable));
  EXPECT_EQ(store_.answer_count, 0);
}

TEST_F(AggregatorTest, AFullExecutorIsAnswered) {
  const auto full = [](const std::function<void()>&) { return false; };
  for (const StatisticExecutors& run : {StatisticExecutors{.steps = full},
                                        StatisticExecutors{.counting = full}}) {
    Open(run);
    EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kResourceExhausted));
  }
}

TEST_F(AggregatorTest, AKeptAnswerWaitsForNobodysCounting) {
  Add(200);
  std::deque<std::function<void()>> counting;
  Open({.counting = [&](std::function<void()> work) {
    counting.push_back(std::move(work));
    return true;
  }});
  const auto asked = [&](Function function) {
    auto out = std::make_shared<std::optional<StatisticAnswer>>();
    aggregator_->Answer(Question(function), [out](auto answer) {
      if (answer.ok()) *out = *std::move(answer);
    });
    return out;
  };
  const auto first = asked(Function::kCount);
  ASSERT_EQ(counting.size(), 1U);
  EXPECT_FALSE(first->has_value());
  counting.front()();
  ASSERT_TRUE(first->has_value());
  counting.clear();
  // Two new questions wait, and the old one is answered.
  const auto sum = asked(Function::kSum);
  const auto mean = asked(Function::kMean);
  const auto repeated = asked(Function::kCount);
  ASSERT_TRUE(repeated->has_value());
  EXPECT_EQ((*repeated)->statistic, (*first)->statistic);
  EXPECT_EQ(counting.size(), 2U);
  for (const auto& work : counting) work();
  EXPECT_TRUE(sum->has_value());
  EXPECT_TRUE(mean->has_value());
}

}  // namespace
}  // namespace limpid::vault
