// A vault on disk that is stopped, copied, put back and started again, as an
// operator with a backup does it.

#ifndef LIMPID_TESTS_INTEGRATION_VAULT_ERASED_FIXTURE_H_
#define LIMPID_TESTS_INTEGRATION_VAULT_ERASED_FIXTURE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "common/crypto/ed25519.h"
#include "common/storage/database.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/log/catch_up.h"
#include "vault/log/publisher.h"
#include "vault/log/vault_log.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

inline constexpr char kAllergy[] = "health.allergy";
inline constexpr char kLanguage[] = "person.language";
inline constexpr char kPlanted[] = "PLANTED-nut-allergy-PLANTED";

inline base::SecretBytes DatabaseKey() {
  return base::SecretBytes::Copy(Counting<storage::kRawKeyBytes>(1));
}

// What is open while the server runs.
struct Running {
  std::unique_ptr<storage::Database> values_file;
  std::unique_ptr<storage::Database> keys_file;
  std::unique_ptr<tlog::HeadStore> head;
  std::unique_ptr<tlog::Log> tree;
  std::unique_ptr<KeyStore> keys;
  std::unique_ptr<VaultStore> values;
  std::unique_ptr<CopyStore> copies;
  std::unique_ptr<TlogVaultLog> log;
  std::unique_ptr<VaultCore> core;
  std::unique_ptr<ActPublisher> publisher;
  std::unique_ptr<TombstoneFile> tombstones;
  std::unique_ptr<Eraser> eraser;
  std::unique_ptr<PersonVault> person;
  std::unique_ptr<ErasureDesk> desk;
};

class ErasedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(data());
    std::filesystem::create_directories(outside());
    ASSERT_THAT(Start(), IsOk());
    Put(kAllergy, R"([{"substance":")" + std::string(kPlanted) + "\"}]");
    Put(kAllergy, "[]");
    Put(kLanguage, "\"nl\"");
    ASSERT_THAT(run_->publisher->Tick(), IsOk());
  }

  [[nodiscard]] std::filesystem::path data() const {
    return folder_.path() / "data";
  }
  [[nodiscard]] std::filesystem::path outside() const {
    return folder_.path() / "outside";
  }

  // As the vault's role does it. `killed`: as soon as the log has been told of
  // the older store.
  absl::Status Start(bool accept_older = false, bool killed = false) {
    Stop();
    run_ = std::make_unique<Running>();
    run_->values_file = OpenDatabase("store.db", VaultStoreMigrations());
    run_->keys_file = OpenDatabase("keys.db", KeyStoreMigrations());
    run_->head = tlog::FileHeadStore::Open(data() / "head").value();
    run_->tree =
        tlog::Log::OpenOrCreate({data() / "log", "vault.example/vault",
                                 *run_->head, log_key_.Clone(), clock_})
            .value();
    run_->keys = NewSqlKeyStore(*run_->keys_file);
    run_->values = NewSqlVaultStore(*run_->values_file);
    run_->copies = NewSqlCopyStore(*run_->values_file);
    run_->log = std::make_unique<TlogVaultLog>(*run_->tree);
    run_->core = VaultCore::Open(
                     {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
                     {keks_, *run_->keys, *run_->values, clock_})
                     .value();
    run_->publisher = std::make_unique<ActPublisher>(*run_->values, *run_->log);
    run_->person = std::make_unique<PersonVault>(*run_->core, *run_->publisher);
    run_->tombstones = OpenTombstoneFile(outside() / "vault", CountingKey(3),
                                         run_->core->blinder(),
                                         run_->keys->LastTombstone().value())
                           .value();
    run_->eraser = Eraser::Open(*run_->core, *run_->tombstones, *run_->copies,
                                {30, 7, 14, 30})
                       .value();
    run_->desk = std::make_unique<ErasureDesk>(*run_->core, *run_->eraser,
                                               *run_->publisher);
    if (accept_older) {
      const absl::Status fit = run_->eraser->AcceptOlderValues();
      if (!fit.ok()) return fit;
      const auto lost =
          CatchUp(*run_->values, *run_->log, run_->core->acts(), clock_.Now());
      if (!lost.ok()) return lost.status();
      if (killed) return absl::OkStatus();
    }
    absl::Status together = run_->publisher->CheckStore();
    if (!together.ok()) return together;
    return run_->eraser->Recover().status();
  }
  void Stop() { run_.reset(); }

  // While it is stopped.
  void Backup() {
    std::filesystem::copy(data(), folder_.path() / "backup",
                          std::filesystem::copy_options::recursive);
  }
  void PutBack(const std::string& name) {
    for (const char* const suffix : {"", "-wal", "-shm"}) {
      const std::string file = name + suffix;
      std::filesystem::remove(data() / file);
      const auto copy = folder_.path() / "backup" / file;
      if (!std::filesystem::exists(copy)) continue;
      std::filesystem::copy_file(copy, data() / file);
    }
  }

  void Put(std::string_view attribute, std::string_view json) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = json;
    value.request_id = crypto::RandomArray<16>();
    ASSERT_THAT(run_->person->Put(anna_, value), IsOk());
  }
  std::optional<std::string> Value(std::string_view attribute,
                                   std::uint64_t version) {
    const auto got = run_->person->Get(anna_, attribute, version);
    if (absl::IsNotFound(got.status())) return std::nullopt;
    return got.ok() ? got->value.value_json
                    : std::string(base::ToStd(got.status().message()));
  }
  void EraseAllergy() {
    ASSERT_THAT(run_->desk->EraseVersion(anna_, kAllergy, 1), IsOk());
    ASSERT_THAT(run_->publisher->Tick(), IsOk());
  }
  absl::Status EraseAnna() {
    const absl::Time now = clock_.Now();
    return run_->desk
        ->ErasePerson(anna_,
                      {now, base::ToBytes(anna_key_.Sign(PersonErasureStatement(
                                ExampleIdentity().source, now)))})
        .status();
  }
  void ExpectOnlyTheErasedIsGone() {
    EXPECT_EQ(Value(kAllergy, 1), std::nullopt);
    EXPECT_EQ(Value(kAllergy, 2), "[]");
    EXPECT_EQ(Value(kLanguage, 1), "\"nl\"");
  }
  AttributeRow RowOf(std::string_view attribute, std::uint64_t version) {
    const Owner owner = run_->core->blinder().OwnerOf(anna_.holder);
    return **run_->values->Find(
        owner, run_->core->blinder().NameKeyOf(anna_.holder, attribute),
        version);
  }
  // The value of the erased row as an older copy has it, by whatever keys the
  // running server has.
  absl::Status Opens(AttributeRow row) {
    const auto key = run_->core->keys().Find(row.owner, row.generation);
    if (!key.ok()) return key.status();
    return run_->core->codec().OpenValue(**key, row, kAllergy).status();
  }

  limpid::testing::TempDir folder_;
  testing::FakeClock clock_;
  FakeKeks keks_;
  crypto::Ed25519PrivateKey log_key_ = crypto::Ed25519PrivateKey::Generate();
  crypto::Ed25519PrivateKey anna_key_ = crypto::Ed25519PrivateKey::Generate();
  PersonCaller anna_{HolderId::Random(), anna_key_.PublicKey()};
  std::unique_ptr<Running> run_;

 private:
  [[nodiscard]] std::unique_ptr<storage::Database> OpenDatabase(
      const std::string& name,
      std::vector<storage::Migration> migrations) const {
    storage::Options options;
    options.path = data() / name;
    options.key = DatabaseKey();
    options.migrations = std::move(migrations);
    const bool exists = std::filesystem::exists(options.path);
    auto opened = exists ? storage::Database::Open(std::move(options))
                         : storage::Database::Create(std::move(options));
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_INTEGRATION_VAULT_ERASED_FIXTURE_H_
