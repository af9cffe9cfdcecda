// Several persons erase at once, on files: their commits and the emptying of
// the write-ahead logs are shared, and what each is told stays true of her.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "common/crypto/ed25519.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/log/publisher.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kLanguage[] = "person.language";
constexpr std::size_t kPersons = 8;
constexpr std::uint64_t kValues = 6;
constexpr std::uint64_t kErased = 3;

class ErasedTogether : public ::testing::Test {
 protected:
  ErasedTogether() {
    for (std::size_t i = 0; i < kPersons; ++i) {
      persons_.push_back({HolderId::Random(), key_.PublicKey()});
      for (std::uint64_t put = 0; put < kValues; ++put) Put(persons_.back());
    }
  }

  void Put(const PersonCaller& who) {
    NewValue value;
    value.attribute = kLanguage;
    value.value_json = "\"nl\"";
    value.request_id = crypto::RandomArray<16>();
    EXPECT_THAT(person_.Put(who, value), IsOk());
  }
  [[nodiscard]] Owner OwnerOf(const PersonCaller& who) const {
    return core_->blinder().OwnerOf(who.holder);
  }
  [[nodiscard]] AttributeRow RowOf(const PersonCaller& who,
                                   std::uint64_t version) const {
    return **values_->Find(OwnerOf(who),
                           core_->blinder().NameKeyOf(who.holder, kLanguage),
                           version);
  }
  [[nodiscard]] SlotRow SlotOf(const PersonCaller& who) const {
    const auto slots = keys_->List(OwnerOf(who), Custody::kAssisted).value();
    EXPECT_EQ(slots.size(), 1);
    return slots.front();
  }
  // Everybody's first versions, all at once; what the last of each said.
  std::vector<absl::Status> EraseAll() {
    std::vector<absl::Status> out(kPersons);
    std::vector<std::thread> threads;
    threads.reserve(kPersons);
    for (std::size_t i = 0; i < kPersons; ++i) {
      threads.emplace_back([&, i] {
        for (std::uint64_t version = 1; version <= kErased; ++version) {
          out[i] = desk_.EraseVersion(persons_[i], kLanguage, version).status();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return out;
  }
  // How many of `needles` are in any page of either database, decrypted.
  std::size_t Found(const std::vector<std::string>& needles) {
    std::size_t out = 0;
    for (const char* const name : {"keys.db", "store.db"}) {
      const auto pages =
          limpid::testing::DecryptPages(folder_.path() / name, FileKey());
      EXPECT_FALSE(pages.empty());
      for (const std::string& needle : needles) {
        for (const std::string& page : pages) {
          if (page.find(needle) != std::string::npos) ++out;
        }
      }
    }
    return out;
  }
  void ExpectErased(const PersonCaller& who) {
    for (std::uint64_t version = 1; version <= kValues; ++version) {
      EXPECT_THAT(person_.Get(who, kLanguage, version),
                  StatusIs(version <= kErased ? absl::StatusCode::kNotFound
                                              : absl::StatusCode::kOk));
    }
    EXPECT_EQ(SlotOf(who).generation, 1 + kErased);
  }

  static base::SecretBytes FileKey() {
    return base::SecretBytes::Copy(Counting<storage::kRawKeyBytes>(1));
  }
  std::unique_ptr<storage::Database> Make(
      const std::string& name, std::vector<storage::Migration> migrations) {
    storage::Options options;
    options.path = folder_.path() / name;
    options.key = FileKey();
    options.migrations = std::move(migrations);
    return storage::Database::Create(std::move(options)).value();
  }

  limpid::testing::TempDir folder_;
  testing::FakeClock clock_;
  FakeKeks keks_;
  FakeLog log_;
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  std::unique_ptr<storage::Database> keys_file_ =
      Make("keys.db", KeyStoreMigrations());
  std::unique_ptr<storage::Database> values_file_ =
      Make("store.db", VaultStoreMigrations());
  std::unique_ptr<KeyStore> keys_ = NewSqlKeyStore(*keys_file_);
  std::unique_ptr<VaultStore> values_ = NewSqlVaultStore(*values_file_);
  std::unique_ptr<CopyStore> copies_ = NewSqlCopyStore(*values_file_);
  std::unique_ptr<VaultCore> core_ =
      VaultCore::Open({ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305},
                      {keks_, *keys_, *values_, clock_})
          .value();
  ActPublisher publisher_{*values_, log_};
  PersonVault person_{*core_, publisher_};
  std::unique_ptr<TombstoneFile> tombstones_ =
      OpenTombstoneFile(folder_.path() / "tombstones", CountingKey(9),
                        core_->blinder())
          .value();
  std::unique_ptr<Eraser> eraser_ =
      Eraser::Open(*core_, *tombstones_, *copies_, {30, 7, 14, 30}).value();
  ErasureDesk desk_{*core_, *eraser_, publisher_};
  std::vector<PersonCaller> persons_;
};

TEST_F(ErasedTogether, NothingOfAnyIsLeftAndNothingElseIsLost) {
  std::vector<std::string> needles;
  for (const PersonCaller& who : persons_) {
    needles.push_back(base::ToText(base::ByteView(SlotOf(who).outer).last(40)));
    for (std::uint64_t version = 1; version <= kErased; ++version) {
      const AttributeRow row = RowOf(who, version);
      needles.push_back(base::ToText(base::ByteView(row.payload).last(48)));
      needles.push_back(base::ToText(base::ByteView(row.wrap).last(40)));
    }
  }
  EXPECT_GE(Found(needles), needles.size());
  for (const absl::Status& status : EraseAll()) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(Found(needles), 0);
  for (const PersonCaller& who : persons_) ExpectErased(who);
  EXPECT_EQ(tombstones_->last(), kPersons * kErased);
  EXPECT_TRUE(keys_->Unfinished(std::nullopt)->empty());
}

// One whose other value does not open is told so, keeps her old key, and takes
// nobody with her; what she asked for is gone.
TEST_F(ErasedTogether, OneWhoseDataIsDamagedFailsAlone) {
  AttributeRow row = RowOf(persons_[0], kValues);
  row.wrap.back() ^= 1;
  ASSERT_THAT(values_->Write([&](VaultTransaction& transaction) {
    return transaction.erasure().Rewrap(row);
  }),
              IsOk());
  const std::vector<absl::Status> said = EraseAll();
  EXPECT_THAT(said[0], StatusIs(absl::StatusCode::kDataLoss));
  for (std::uint64_t version = 1; version <= kErased; ++version) {
    EXPECT_EQ(RowOf(persons_[0], version).state, RowState::kErased);
  }
  EXPECT_EQ(
      keys_->List(OwnerOf(persons_[0]), Custody::kAssisted)->front().generation,
      1);
  for (std::size_t i = 1; i < kPersons; ++i) {
    EXPECT_THAT(said[i], IsOk());
    ExpectErased(persons_[i]);
  }
}

}  // namespace
}  // namespace limpid::vault
