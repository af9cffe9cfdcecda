// ./dev bench vault [--records N,N,...]: the vault in one process, without a
// network, on SQLCipher files: opening one value, puts from many callers whose
// commits are shared, predicate answers under a permit each, erasures with
// their tombstone file, rotation of a person's key, what the process holds in
// memory with N values stored, and how fast N person keys are wrapped anew
// while reads go on. Beside each the naive peer: the same cipher, the same
// database or the same signature without the vault. A file system in memory
// makes the figures meaningless.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"
#include "common/storage/database.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/report.h"
#include "tests/testing/shared.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/epochs/epoch_keeper.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using bench::Case;
using bench::Figure;
using Times = std::vector<absl::Duration>;

constexpr int kOpens = 200'000;
constexpr int kActsPerThread = 48;
constexpr std::size_t kValuesOfAPerson = 20;
constexpr std::string_view kBirth = "person.birth_date";
constexpr std::string_view kBirthJson = "\"1990-02-28\"";

// Runs `act(thread, round)` on `threads` threads; acts per second. Each time is
// put into `times`.
double RunActs(int threads, int rounds, Times& times,
               const std::function<bool(int thread, int round)>& act) {
  std::vector<Times> each(static_cast<std::size_t>(threads));
  std::atomic<bool> failed = false;
  const absl::Duration elapsed = bench::Measure([&] {
    std::vector<std::thread> running;
    for (int thread = 0; thread < threads; ++thread) {
      running.emplace_back([&, thread] {
        Times& mine = each[static_cast<std::size_t>(thread)];
        for (int round = 0; round < rounds; ++round) {
          mine.push_back(bench::Measure([&] {
            if (!act(thread, round)) failed = true;
          }));
        }
      });
    }
    for (std::thread& thread : running) thread.join();
  });
  for (const Times& some : each) {
    times.insert(times.end(), some.begin(), some.end());
  }
  LIMPID_CHECK(!failed);
  return bench::PerSecond(static_cast<double>(times.size()), elapsed);
}

// A vault over files in a directory of its own. Root key and log stand in for
// the real ones: no figure here waits for them.
class BenchVault {
 public:
  BenchVault()
      : keys_file_(Make("keys.db", KeyStoreMigrations())),
        values_file_(Make("store.db", VaultStoreMigrations())),
        keys_(NewSqlKeyStore(*keys_file_)),
        values_(NewSqlVaultStore(*values_file_)),
        copies_(NewSqlCopyStore(*values_file_)),
        core_(VaultCore::Open(
                  {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305},
                  {keks_, *keys_, *values_, clock_})
                  .value()),
        publisher_(*values_, log_),
        person_(*core_, publisher_),
        tombstones_(OpenTombstoneFile(folder_.path() / "tombstones",
                                      CountingKey(9), core_->blinder())
                        .value()),
        eraser_(Eraser::Open(*core_, *tombstones_, *copies_, {30, 7, 14, 30})
                    .value()),
        desk_(*core_, *eraser_, publisher_),
        fences_(clock_),
        gate_(clock_, fences_),
        reader_(*core_, gate_.key()),
        mediator_(*core_, gate_, reader_) {
    gate_.GrantOver(kBirth, 18);
  }

  VaultCore& core() { return *core_; }
  Eraser& eraser() { return *eraser_; }

  // A new person with `values` versions of one attribute.
  PersonCaller MakePerson(std::size_t values) {
    const PersonCaller who{HolderId::Random(), signing_key_.PublicKey()};
    for (std::size_t i = 0; i < values; ++i) LIMPID_CHECK(Put(who));
    return who;
  }
  bool Put(const PersonCaller& who) {
    NewValue value;
    value.attribute = kBirth;
    value.value_json = kBirthJson;
    value.request_id = crypto::RandomArray<16>();
    return person_.Put(who, value).ok();
  }
  // A person with a key and nothing else.
  bool MakeKey() {
    return core_->keys()
        .FindOrCreate(core_->blinder().OwnerOf(HolderId::Random()),
                      clock_.Now())
        .ok();
  }
  bool EraseVersion(const PersonCaller& who, std::uint64_t version) {
    return desk_.EraseVersion(who, kBirth, version).ok();
  }
  [[nodiscard]] Owner OwnerOf(const PersonCaller& who) const {
    return core_->blinder().OwnerOf(who.holder);
  }

  // Whom the gate lets be read.
  void LetRead(const PersonCaller& who) { gate_.holder = who.holder; }
  // From now on answers are signed.
  void Attest() { gate_.GrantAttested(kBirth, 18); }
  // Whether she is over 18, as a service asks.
  bool AskPredicate() {
    ReadRequest request;
    request.caller_thumbprint = Counting<32>(0x11);
    request.fields.record = gate_.record_text;
    request.fields.purpose = "https://w3id.org/dpv#ServiceProvision";
    request.fields.attributes = {std::string(kBirth)};
    request.fields.nonce = crypto::RandomArray<16>();
    bool released = false;
    mediator_.Read(std::move(request), [&](absl::StatusOr<ReadAnswer> answer) {
      if (!answer.ok()) return;
      released =
          answer->HandOver([] {}) && answer->lines.front().value_json == "true";
      answer->Close(Closing::kSent);
    });
    return released;
  }

 private:
  std::unique_ptr<storage::Database> Make(
      const std::string& name, std::vector<storage::Migration> migrations) {
    storage::Options options;
    options.path = folder_.path() / name;
    options.key =
        base::SecretBytes::Copy(crypto::RandomArray<storage::kRawKeyBytes>());
    options.migrations = std::move(migrations);
    return storage::Database::Create(std::move(options)).value();
  }

  limpid::testing::TempDir folder_;
  base::SystemClock clock_;
  FakeKeks keks_;
  FakeLog log_;
  crypto::Ed25519PrivateKey signing_key_ =
      crypto::Ed25519PrivateKey::Generate();
  std::unique_ptr<storage::Database> keys_file_;
  std::unique_ptr<storage::Database> values_file_;
  std::unique_ptr<KeyStore> keys_;
  std::unique_ptr<VaultStore> values_;
  std::unique_ptr<CopyStore> copies_;
  std::unique_ptr<VaultCore> core_;
  ActPublisher publisher_;
  PersonVault person_;
  std::unique_ptr<TombstoneFile> tombstones_;
  std::unique_ptr<Eraser> eraser_;
  ErasureDesk desk_;
  Fences fences_;
  FakeGate gate_;
  Reader reader_;
  Mediator mediator_;
};

// Time to open one stored value whose person key is at hand, beside one bare
// opening of an envelope of the payload's size.
Case OpenCase(crypto::Suite suite) {
  const RecordCodec codec(ExampleIdentity(), suite);
  PersonKey person;
  person.generation = 1;
  person.key = base::SecretBytes::Copy(crypto::RandomArray<32>());
  const Blinder blinder(CountingKey(0x80));
  const HolderId holder = HolderId::Random();
  Place place;
  place.owner = blinder.OwnerOf(holder);
  place.attribute = kBirth;
  place.name_key = blinder.NameKeyOf(holder, kBirth);
  place.version = 1;
  place.schema_version = 1;
  const AttributeRow row = codec.Seal(
      person, place, {{}, absl::FromUnixSeconds(1), std::string(kBirthJson)});
  const base::Bytes plain(row.payload.size() - crypto::EnvelopeOverhead(suite));
  const base::Bytes bare = crypto::Seal(suite, person.key, {}, {}, plain);
  Times ours;
  Times bares;
  std::size_t opened = 0;
  for (int i = 0; i < kOpens; ++i) {
    ours.push_back(bench::Measure([&] {
      if (codec.OpenValue(person, row, kBirth).ok()) ++opened;
    }));
    bares.push_back(bench::Measure([&] {
      if (crypto::Open(person.key, {}, {}, bare).ok()) ++opened;
    }));
  }
  LIMPID_CHECK(opened == 2 * kOpens);
  const double ours_us = bench::PercentileUs(ours, 50);
  const double bare_us = bench::PercentileUs(bares, 50);
  return {absl::StrCat("open-value/suite-", static_cast<int>(suite)),
          {{"p50_us", ours_us},
           {"p99_us", bench::PercentileUs(ours, 99)},
           {"bare_p50_us", bare_us},
           {"ratio_bare", ours_us / bare_us}}};
}

// Inserts of rows as large as a stored value and its act, by as many callers
// that share commits, into a database that does nothing else.
double BareInsertsPerSecond(int threads) {
  const limpid::testing::TempDir folder;
  storage::Options options;
  options.path = folder.path() / "bare.db";
  options.key =
      base::SecretBytes::Copy(crypto::RandomArray<storage::kRawKeyBytes>());
  options.migrations = {
      {{"CREATE TABLE bare (id BYTEA PRIMARY KEY, body BYTEA NOT NULL)"}}};
  const auto database = storage::Database::Create(std::move(options)).value();
  const base::Bytes body(900, 3);
  Times times;
  return RunActs(threads, kActsPerThread, times, [&](int, int) {
    const auto id = crypto::RandomArray<16>();
    return database
        ->Write([&](storage::Session& session) {
          return session
              .Execute("INSERT INTO bare (id, body) VALUES ($1, $2)",
                       {base::ByteView(id), base::ByteView(body)})
              .status();
        })
        .ok();
  });
}

Case PutCase(int threads) {
  BenchVault vault;
  std::vector<PersonCaller> persons;
  for (int i = 0; i < threads; ++i) persons.push_back(vault.MakePerson(1));
  Times times;
  const double per_second =
      RunActs(threads, kActsPerThread, times, [&](int thread, int) {
        return vault.Put(persons[static_cast<std::size_t>(thread)]);
      });
  const double bare = BareInsertsPerSecond(threads);
  return {absl::StrCat("put/", threads),
          {{"in_flight", static_cast<double>(threads)},
           {"puts_per_s", per_second},
           {"p50_us", bench::PercentileUs(times, 50)},
           {"p99_us", bench::PercentileUs(times, 99)},
           {"bare_inserts_per_s", bare},
           {"ratio_bare", per_second / bare}}};
}

// Each answer under a permit of its own signature, as when nothing else is
// decided in its millisecond; beside it the two signatures' work alone. Or each
// signed itself too, to be shown on, beside one signature alone.
Case PredicateCase(int threads, bool attested) {
  BenchVault vault;
  vault.LetRead(vault.MakePerson(1));
  if (attested) vault.Attest();
  Times times;
  const double per_second =
      RunActs(threads, 20 * kActsPerThread, times,
              [&](int, int) { return vault.AskPredicate(); });
  const auto key = crypto::Ed25519PrivateKey::Generate();
  const base::Bytes message(attested ? 640 : 64, 5);
  Times bare_times;
  const double bare =
      RunActs(threads, 20 * kActsPerThread, bare_times, [&](int, int) {
        const auto signature = key.Sign(message);
        return attested || key.PublicKey().Verify(message, signature);
      });
  return {absl::StrCat(attested ? "signed-predicate/" : "predicate/", threads),
          {{"in_flight", static_cast<double>(threads)},
           {"answers_per_s", per_second},
           {"p50_us", bench::PercentileUs(times, 50)},
           {"p99_us", bench::PercentileUs(times, 99)},
           {attested ? "bare_sign_per_s" : "bare_sign_verify_per_s", bare},
           {"ratio_bare", per_second / bare}}};
}

// One version of twenty is erased, which rotates the person's key; as many
// persons at once as threads.
Case EraseCase(int threads, double fsync_us) {
  BenchVault vault;
  constexpr int kRounds = 8;
  std::vector<PersonCaller> persons;
  for (int i = 0; i < threads; ++i) {
    persons.push_back(vault.MakePerson(kValuesOfAPerson));
  }
  Times times;
  const double per_second =
      RunActs(threads, kRounds, times, [&](int thread, int round) {
        return vault.EraseVersion(persons[static_cast<std::size_t>(thread)],
                                  static_cast<std::uint64_t>(round) + 1);
      });
  const double p50 = bench::PercentileUs(times, 50);
  return {absl::StrCat("erase-of-20/", threads),
          {{"in_flight", static_cast<double>(threads)},
           {"erasures_per_s", per_second},
           {"p50_us", p50},
           {"p99_us", bench::PercentileUs(times, 99)},
           {"ratio_p50_fsync", p50 / fsync_us}}};
}

// The person's key made anew and her twenty values re-wrapped.
Case RotateCase() {
  BenchVault vault;
  constexpr int kRounds = 100;
  const Owner owner = vault.OwnerOf(vault.MakePerson(kValuesOfAPerson));
  Times times;
  const double per_second = RunActs(1, kRounds, times, [&](int, int) {
    const PersonLock::Held lock = vault.eraser().LockOf(owner).Take();
    return vault.eraser().Rotate(owner).ok();
  });
  return {"rotate-of-20",
          {{"persons_per_s", per_second},
           {"values_per_s", per_second * kValuesOfAPerson},
           {"p50_us", bench::PercentileUs(times, 50)},
           {"p99_us", bench::PercentileUs(times, 99)}}};
}

double ResidentMegabytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  constexpr double kMegabyte = 1 << 20U;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / kMegabyte;
}

// What the process holds once `values` are stored, twenty for each person.
Case MemoryCase(std::size_t values) {
  const double before = ResidentMegabytes();
  BenchVault vault;
  constexpr int kThreads = 64;
  const int rounds = static_cast<int>(
      std::max<std::size_t>(values / kThreads / kValuesOfAPerson, 1));
  Times times;
  const double persons_per_s = RunActs(kThreads, rounds, times, [&](int, int) {
    vault.MakePerson(kValuesOfAPerson);
    return true;
  });
  return {absl::StrCat("memory/", values),
          {{"values", static_cast<double>(times.size() * kValuesOfAPerson)},
           {"puts_per_s", persons_per_s * kValuesOfAPerson},
           {"resident_mb", ResidentMegabytes()},
           {"grown_mb", ResidentMegabytes() - before}}};
}

// Predicate answers per second of one caller until `stop`.
double ReadUntil(BenchVault& vault, const std::atomic<bool>& stop) {
  std::size_t answers = 0;
  const absl::Duration elapsed = bench::Measure([&] {
    while (!stop) {
      LIMPID_CHECK(vault.AskPredicate());
      ++answers;
    }
  });
  return bench::PerSecond(static_cast<double>(answers), elapsed);
}

// A new epoch with `persons` keys under the one before, and one caller who
// reads all the time.
Case RewrapCase(std::size_t persons) {
  BenchVault vault;
  vault.LetRead(vault.MakePerson(1));
  constexpr int kThreads = 64;
  Times making;
  RunActs(kThreads, static_cast<int>(persons / kThreads), making,
          [&](int, int) { return vault.MakeKey(); });
  std::atomic<bool> stop = false;
  double before = 0;
  std::thread reader([&] { before = ReadUntil(vault, stop); });
  absl::SleepFor(absl::Seconds(1));
  stop = true;
  reader.join();
  EpochKeeper keeper(vault.core(), vault.eraser(), absl::Hours(1));
  LIMPID_CHECK(keeper.Start().ok());
  stop = false;
  double during = 0;
  reader = std::thread([&] { during = ReadUntil(vault, stop); });
  std::uint64_t rewrapped = 0;
  const absl::Duration elapsed = bench::Measure([&] {
    rewrapped = keeper.Rewrap([] { return true; }).value().rewrapped;
  });
  stop = true;
  reader.join();
  return {absl::StrCat("rewrap/", persons),
          {{"keys", static_cast<double>(rewrapped)},
           {"keys_per_s",
            bench::PerSecond(static_cast<double>(rewrapped), elapsed)},
           {"elapsed_s", absl::ToDoubleSeconds(elapsed)},
           {"reads_before_per_s", before},
           {"reads_during_per_s", during},
           {"ratio_reads", during / before}}};
}

absl::Status Run(bench::Arguments& arguments) {
  if (arguments.records.empty()) arguments.records = {20'000};
  const limpid::testing::TempDir directory;
  bench::Report report;
  report.bench = "vault";
  const Figure fsync = bench::ProbeFsync(directory.path());
  report.probes = {fsync, bench::ProbeSha256()};
  const auto run = [&](std::string_view name, const std::function<Case()>& it) {
    if (name.starts_with(arguments.only)) report.cases.push_back(it());
  };
  for (const std::size_t values : arguments.records) {
    run(absl::StrCat("memory/", values), [&] { return MemoryCase(values); });
    run(absl::StrCat("rewrap/", values), [&] { return RewrapCase(values); });
  }
  run("open-value/suite-1",
      [] { return OpenCase(crypto::Suite::kXChaCha20Poly1305); });
  run("open-value/suite-2", [] { return OpenCase(crypto::Suite::kAes256Gcm); });
  for (const int threads : {1, 32, 128}) {
    run(absl::StrCat("put/", threads), [&] { return PutCase(threads); });
  }
  for (const int threads : {1, 16}) {
    for (const bool attested : {false, true}) {
      run(absl::StrCat(attested ? "signed-" : "", "predicate/", threads),
          [&] { return PredicateCase(threads, attested); });
    }
    run(absl::StrCat("erase-of-20/", threads),
        [&] { return EraseCase(threads, fsync.value); });
  }
  run("rotate-of-20", [] { return RotateCase(); });
  return bench::Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::vault

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::vault::Run);
}
