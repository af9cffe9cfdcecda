// A vault whose process can be killed at any write and started again over what
// is on its disk.

#ifndef LIMPID_TESTS_UNIT_VAULT_VAULT_DISK_H_
#define LIMPID_TESTS_UNIT_VAULT_VAULT_DISK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/faulty_stores.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/log/publisher.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {

inline constexpr char kBirth[] = "person.birth_date";
inline constexpr char kLanguage[] = "person.language";
inline constexpr char kDisability[] = "health.disability";

// What a process finds beside its stores.
struct Surroundings {
  FakeKeks& keks;
  FakeLog& log;
  const base::Clock& clock;
  crypto::Suite suite;
};

// A process over stores that outlive it and may die at any write.
struct Process {
  Process(KeyStore& disk_keys, VaultStore& disk_values,
          FakeTombstones& disk_file, const Surroundings& around)
      : keys(disk_keys, faults),
        values(disk_values, faults),
        file(disk_file, faults),
        core(VaultCore::Open({ExampleIdentity(), around.suite, 16},
                             {around.keks, keys, values, around.clock})
                 .value()),
        publisher(values, around.log),
        person(*core, publisher),
        eraser(Eraser::Open(*core, file, *copies, {30, 7, 14, 30}).value()),
        desk(*core, *eraser, publisher) {
    faults.writes = 0;
  }

  Faults faults;
  FaultyKeyStore keys;
  FaultyVaultStore values;
  FaultyTombstones file;
  // Nothing is copied in these tests.
  std::unique_ptr<CopyStore> copies = NewMemoryCopyStore();
  std::unique_ptr<VaultCore> core;
  ActPublisher publisher;
  PersonVault person;
  std::unique_ptr<Eraser> eraser;
  ErasureDesk desk;
};

class Disk {
 public:
  // The next process; the one before is gone.
  Process& Start() {
    process_.reset();
    process_ = std::make_unique<Process>(*keys, *values, file,
                                         Surroundings{keks, log, clock, suite});
    return *process_;
  }
  Process& operator*() { return *process_; }
  Process* operator->() { return process_.get(); }

  void Put(const PersonCaller& who, std::string_view attribute,
           std::string_view json) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = json;
    value.request_id = crypto::RandomArray<16>();
    ASSERT_THAT(process_->person.Put(who, value), testing::IsOk());
  }
  // Two attributes and three versions of a third.
  void Fill(const PersonCaller& who) {
    Put(who, kBirth, "\"1990-02-28\"");
    Put(who, kLanguage, "\"nl\"");
    Put(who, kDisability, "true");
    Put(who, kDisability, "false");
    Put(who, kDisability, "true");
  }
  [[nodiscard]] std::optional<std::string> Value(const PersonCaller& who,
                                                 std::string_view attribute,
                                                 std::uint64_t version) {
    const auto got = process_->person.Get(who, attribute, version);
    if (absl::IsNotFound(got.status())) return std::nullopt;
    EXPECT_THAT(got, testing::IsOk()) << attribute << version;
    return got.ok() ? std::optional(got->value.value_json) : "broken";
  }
  // All of Fill but the first version of the third, which may be either.
  void ExpectSurvivors(const PersonCaller& who) {
    EXPECT_EQ(Value(who, kBirth, 1), "\"1990-02-28\"");
    EXPECT_EQ(Value(who, kLanguage, 1), "\"nl\"");
    EXPECT_EQ(Value(who, kDisability, 2), "false");
    EXPECT_EQ(Value(who, kDisability, 3), "true");
    EXPECT_EQ(process_->person.List(who)->size(), 3);
    EXPECT_EQ(process_->person.History(who, kDisability, 0, 10)->size(), 3);
    for (const char* const attribute : {kBirth, kLanguage, kDisability}) {
      EXPECT_THAT(process_->person.Prove(who, attribute, 1, ActKind::kPut),
                  testing::IsOk());
    }
  }
  [[nodiscard]] Owner OwnerOf(const PersonCaller& who) {
    return process_->core->blinder().OwnerOf(who.holder);
  }
  [[nodiscard]] std::vector<SlotRow> Slots(const PersonCaller& who) {
    std::vector<SlotRow> out =
        keys->List(OwnerOf(who), Custody::kAssisted).value();
    const auto sealed = keys->List(OwnerOf(who), Custody::kSealed).value();
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
  }
  [[nodiscard]] std::size_t Owed() {
    return keys->Unfinished(std::nullopt)->size() +
           keys->OwnersInRotation()->size();
  }

  testing::FakeClock clock;
  // What the next process is configured for.
  crypto::Suite suite = crypto::Suite::kXChaCha20Poly1305;
  FakeKeks keks;
  FakeLog log;
  FakeTombstones file;
  std::unique_ptr<KeyStore> keys = NewMemoryKeyStore();
  std::unique_ptr<VaultStore> values = NewMemoryVaultStore();

 private:
  std::unique_ptr<Process> process_;
};

// Two persons with the same values.
class EraserTest : public ::testing::Test {
 protected:
  EraserTest() {
    disk_.Start();
    disk_.Fill(anna_);
    disk_.Fill(bela_);
  }
  PersonErasure Signed(absl::Time time) const {
    return {time, base::ToBytes(key_.Sign(
                      PersonErasureStatement(ExampleIdentity().source, time)))};
  }
  PersonErasure Signed() { return Signed(disk_.clock.Now()); }

  Disk disk_;
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  PersonCaller anna_{HolderId::Random(), key_.PublicKey()};
  PersonCaller bela_{HolderId::Random(),
                     crypto::Ed25519PrivateKey::Generate().PublicKey()};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_VAULT_DISK_H_
