// ./dev bench ledger-commit: one commit of consent's ledger, alone and with a
// batch of accesses in it, on SQLCipher and on PostgreSQL in one run.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"
#include "common/storage/database.h"
#include "consent/store/sql_ledger_store.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/report.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"

namespace limpid::bench {
namespace {

using consent::LedgerStore;

constexpr int kCommits = 300;
constexpr std::size_t kSealedBytes = 600;

constexpr std::size_t kPersons = 1'000;

// Most reads are of persons who have rows already.
const consent::PersonId& PersonOf(std::uint64_t number) {
  static const auto* const kAll = [] {
    auto* const made = new std::vector<consent::PersonId>;
    for (std::size_t i = 0; i < kPersons; ++i) {
      made->emplace_back(crypto::RandomArray<16>());
    }
    return made;
  }();
  return (*kAll)[number % kPersons];
}

// What one mediated read leaves: an entry of its person, the record's counts
// put back, a leaf for the log.
void AddAccess(std::uint64_t number, consent::LedgerCommit& commit) {
  consent::PersonalRow entry;
  entry.key.shard = static_cast<std::uint16_t>(number % kPersons);
  entry.key.person = PersonOf(number);
  entry.key.kind = consent::RowKind::kEntry;
  entry.key.sequence = number;
  entry.payload = base::Bytes(kSealedBytes, 3);
  consent::PersonalRow record = entry;
  record.key.kind = consent::RowKind::kRecord;
  record.key.sequence = 0;
  record.lookup = crypto::RandomArray<16>();
  commit.inserts.push_back(entry);
  commit.puts.push_back(record);
  commit.leaves.push_back({number, crypto::RandomArray<32>()});
}

// Median microseconds of a commit with `size` accesses.
Case Commits(const std::string& name, LedgerStore& store, std::size_t size) {
  consent::LedgerHead head = store.TakeEpoch().value();
  std::vector<absl::Duration> each;
  const absl::Duration elapsed = Measure([&] {
    for (int i = 0; i < kCommits; ++i) {
      consent::LedgerCommit commit;
      commit.head = head;
      for (std::size_t at = 0; at < size; ++at) {
        AddAccess(++commit.head.position, commit);
      }
      each.push_back(Measure([&] { LIMPID_CHECK(store.Commit(commit).ok()); }));
      head = commit.head;
    }
  });
  return {absl::StrCat(name, "/", size),
          {{"accesses_per_s",
            PerSecond(static_cast<double>(size) * kCommits, elapsed)},
           {"p50_us", PercentileUs(each, 50)},
           {"p99_us", PercentileUs(each, 99)}}};
}

// One row of a person, read on a snapshot of its own.
Case Reads(const std::string& name, LedgerStore& store) {
  consent::LedgerCommit commit;
  commit.head = store.TakeEpoch().value();
  AddAccess(++commit.head.position, commit);
  LIMPID_CHECK(store.Commit(commit).ok());
  std::vector<absl::Duration> each;
  const absl::Duration elapsed = Measure([&] {
    for (int i = 0; i < 10 * kCommits; ++i) {
      each.push_back(Measure(
          [&] { LIMPID_CHECK(store.Get(commit.inserts[0].key).ok()); }));
    }
  });
  return {absl::StrCat(name, "/get"),
          {{"reads_per_s", PerSecond(10 * kCommits, elapsed)},
           {"p50_us", PercentileUs(each, 50)},
           {"p99_us", PercentileUs(each, 99)}}};
}

void MeasureEngine(const std::string& name, storage::Database& database,
                   Report& report) {
  const auto store = consent::MakeSqlLedgerStore(database);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{16}, std::size_t{64}}) {
    report.cases.push_back(Commits(name, *store, size));
  }
  report.cases.push_back(Reads(name, *store));
}

absl::Status Run(Arguments& arguments) {
  Report report{"ledger-commit", {ProbeFsync(arguments.directory)}, {}};
  {
    const testing::TempDir place;
    storage::Options options;
    options.path = place.path() / "store.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = consent::LedgerMigrations();
    const auto database = storage::Database::Create(std::move(options)).value();
    MeasureEngine("sqlcipher", *database, report);
  }
  const std::string absent = testing::PostgresServer::WhyAbsent();
  if (!absent.empty()) return absl::FailedPreconditionError(absent);
  const testing::PostgresHome home;
  const auto database = home.Create(consent::LedgerMigrations());
  MeasureEngine("postgresql", *database, report);
  return Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::bench::Run);
}
