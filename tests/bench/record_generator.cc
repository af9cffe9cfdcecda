#include "tests/bench/record_generator.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/crypto/root_key.h"
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "consent/identity/account.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/sealing.h"
#include "consent/store/key_rows.h"
#include "consent/store/sql_ledger_store.h"
#include "server/adapters/consent_ports.h"
#include "server/config.h"
#include "server/role_files.h"
#include "tests/testing/world/require.h"

namespace limpid::bench {
namespace {

using testing::Require;

constexpr std::size_t kPersonsOfCommit = 500;

// Keeps keys until they are written together: one commit each is what an
// account costs, not what growth is about.
class CollectedKeys final : public consent::PersonKeyStore {
 public:
  explicit CollectedKeys(storage::Database& database) : database_(database) {}

  absl::Status Insert(const consent::PersonId& person,
                      const Wrapped& key) override {
    waiting_.emplace_back(person, key);
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<Wrapped>> Get(
      const consent::PersonId& /*person*/) const override {
    return absl::UnimplementedError("only collects");
  }
  absl::Status PutLogKey(const consent::PersonId& person,
                         const Wrapped& key) override {
    waiting_log_keys_.emplace_back(person, key);
    return absl::OkStatus();
  }
  // Every person is new.
  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const consent::PersonId& /*person*/) const override {
    return std::optional<Wrapped>();
  }
  absl::Status Erase(const consent::PersonId& /*person*/) override {
    return absl::UnimplementedError("only collects");
  }
  absl::Status Flush() {
    absl::Status written =
        database_.Write([this](storage::Session& session) -> absl::Status {
          for (const auto& [person, key] : waiting_) {
            LIMPID_RETURN_IF_ERROR(
                consent::InsertPersonKey(session, person, key));
          }
          for (const auto& [person, key] : waiting_log_keys_) {
            LIMPID_RETURN_IF_ERROR(
                consent::PutLogKeyRow(session, person, key).status());
          }
          return absl::OkStatus();
        });
    waiting_.clear();
    waiting_log_keys_.clear();
    return written;
  }

 private:
  using Keys = std::vector<std::pair<consent::PersonId, Wrapped>>;

  storage::Database& database_;
  Keys waiting_;
  Keys waiting_log_keys_;
};

std::uintmax_t SizeOf(const std::filesystem::path& directory) {
  std::uintmax_t total = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(directory)) {
    if (file.path().extension() == ".db") total += file.file_size();
  }
  return total;
}

base::SecretBytes Derive(const base::SecretBytes& root,
                         std::string_view label) {
  return Require(crypto::HkdfSha256(root.Reveal(base::SecretAccess::Get()), {},
                                    base::AsBytes(label), 32),
                 label);
}

class Generator {
 public:
  explicit Generator(const server::Config& config)
      : files_(Require(server::RoleFiles::Open(
                           config, server::kConsentRole,
                           Require(crypto::FileRootKey::Open(
                                       config.Resolve(config.root_key_file),
                                       [](std::string_view /*warning*/) {}),
                                   "root key"),
                           clock_),
                       "key ring")),
        root_(Require(files_->keys().GetOrCreate("consent-root", 32), "root")),
        blinder_(Derive(root_, "limpid/consent-index-key/1"),
                 Derive(root_, "limpid/consent-access-id-key/1")),
        store_(
            Require(files_->OpenDatabase("store", consent::LedgerMigrations()),
                    "store")),
        keys_(Require(
            files_->OpenDatabase("keys", consent::PersonKeyMigrations()),
            "keys")),
        tables_(consent::MakeSqlLedgerStore(*store_)),
        keks_(files_->keys()),
        collected_(*keys_),
        person_keys_(collected_, keks_) {}

  GeneratedRecords Run(const RecordPattern& pattern, std::size_t count) {
    GeneratedRecords out;
    out.ids.reserve(count);
    const std::uintmax_t before = Settle();
    consent::LedgerCommit commit;
    commit.head = Require(tables_->TakeEpoch(), "epoch");
    for (std::size_t person = 0; out.ids.size() < count; ++person) {
      AddPerson(pattern, commit, out.ids);
      if ((person + 1) % kPersonsOfCommit == 0) Write(commit);
    }
    Write(commit);
    out.bytes_per_record = static_cast<double>(Settle() - before) /
                           static_cast<double>(out.ids.size());
    return out;
  }

 private:
  std::uintmax_t Settle() {
    Require(store_->Checkpoint(), "checkpoint");
    Require(keys_->Checkpoint(), "checkpoint");
    return SizeOf(files_->directory());
  }

  void Write(consent::LedgerCommit& commit) {
    Require(collected_.Flush(), "keys");
    Require(tables_->Commit(commit), "commit");
    commit.inserts.clear();
  }

  void AddPerson(const RecordPattern& pattern, consent::LedgerCommit& commit,
                 std::vector<consent::RecordId>& ids) {
    consent::PersonState person;
    person.id = consent::PersonId::Random();
    person.shard = blinder_.ShardOf(person.id);
    person.key = Require(person_keys_.Create(person.id), "person key");
    (void)Require(person_keys_.MakeLogKey(person.id), "log key");
    person.account.keys = {{crypto::RandomArray<32>()}};
    person.account.links = {{pattern.source, consent::HolderId::Random()}};
    person.account.created = pattern.granted.time;
    consent::PersonalRow account;
    account.key = consent::AccountRowKey(person.shard, person.id);
    account.created_ms = absl::ToUnixMillis(pattern.granted.time);
    account.payload =
        consent::SealRow(*person.key, account.key, person.account.Encode());
    commit.inserts.push_back(std::move(account));
    for (std::size_t i = 0; i < kRecordsOfPerson; ++i) {
      ids.push_back(AddRecord(pattern, person, commit));
    }
  }

  static consent::RecordId AddRecord(const RecordPattern& pattern,
                                     const consent::PersonState& person,
                                     consent::LedgerCommit& commit) {
    consent::LiveRecord record;
    record.revision = pattern.granted;
    record.revision.record = consent::RecordId::Random();
    record.revision.person = person.id;
    record.revision.grant_key = crypto::RandomArray<32>();
    record.revision.statement_hash = crypto::RandomArray<32>();
    record.pseudonyms = {{pattern.purpose, crypto::RandomArray<16>()}};
    consent::PersonalRow revision;
    revision.key =
        consent::RevisionRowKey(person.shard, person.id, record.revision.record,
                                record.revision.number);
    revision.state = static_cast<std::uint8_t>(record.revision.state);
    revision.created_ms = absl::ToUnixMillis(record.revision.time);
    revision.payload =
        consent::SealRow(*person.key, revision.key, record.revision.Encode());
    commit.inserts.push_back(std::move(revision));
    commit.inserts.push_back(consent::RowOf(record, person));
    return record.revision.record;
  }

  base::SystemClock clock_;
  std::unique_ptr<server::RoleFiles> files_;
  base::SecretBytes root_;
  consent::Blinder blinder_;
  std::unique_ptr<storage::Database> store_;
  std::unique_ptr<storage::Database> keys_;
  std::unique_ptr<consent::LedgerStore> tables_;
  server::ConsentKeks keks_;
  CollectedKeys collected_;
  consent::PersonKeys person_keys_;
};

}  // namespace

GeneratedRecords GenerateRecords(const std::filesystem::path& config_file,
                                 const RecordPattern& pattern,
                                 std::size_t count) {
  Generator generator(Require(server::LoadConfig(config_file), "config"));
  return generator.Run(pattern, count);
}

}  // namespace limpid::bench
