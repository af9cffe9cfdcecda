// A whole consent role over stores that a test can stop, copy and start again,
// with a clock that stands still and a log that can fail.

#ifndef LIMPID_TESTS_UNIT_CONSENT_WORLD_H_
#define LIMPID_TESTS_UNIT_CONSENT_WORLD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/guarded_clock.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "consent/consent.h"
#include "consent/ledger/memory_store.h"
#include "consent/ledger/ports.h"
#include "consent/ledger/stop_ledger.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/unit/consent/fake_keys.h"
#include "tests/unit/consent/fake_push.h"
#include "tests/unit/consent/fake_register.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent::testing {

// Keeps entries in memory. Thread-safe.
class FakeAccessLog final : public AccessLog {
 public:
  [[nodiscard]] std::uint64_t size() const override {
    const base::MutexLock lock(mutex_);
    return entries_.size();
  }
  absl::StatusOr<std::uint64_t> Append(
      std::span<const base::Bytes> entries) override {
    const base::MutexLock lock(mutex_);
    if (fail_before_) return absl::UnavailableError("the log is down");
    const std::uint64_t first = entries_.size();
    entries_.insert(entries_.end(), entries.begin(), entries.end());
    if (fail_after_) return absl::UnavailableError("the answer was lost");
    return first;
  }
  [[nodiscard]] absl::StatusOr<std::string> Prove(
      std::uint64_t index) const override {
    return "proof of " + std::to_string(index);
  }

  // The next appends fail, without or after having done their work.
  void FailBefore(bool fail) {
    const base::MutexLock lock(mutex_);
    fail_before_ = fail;
  }
  void FailAfter(bool fail) {
    const base::MutexLock lock(mutex_);
    fail_after_ = fail;
  }
  [[nodiscard]] std::vector<base::Bytes> entries() const {
    const base::MutexLock lock(mutex_);
    return entries_;
  }

 private:
  mutable base::Mutex mutex_;
  std::vector<base::Bytes> entries_ ABSL_GUARDED_BY(mutex_);
  bool fail_before_ ABSL_GUARDED_BY(mutex_) = false;
  bool fail_after_ ABSL_GUARDED_BY(mutex_) = false;
};

// A stop ledger whose disk a test can break.
class BreakableStops final : public StopLedger {
 public:
  explicit BreakableStops(std::unique_ptr<StopLedger> stops)
      : stops_(std::move(stops)) {}
  [[nodiscard]] std::uint64_t last() const override { return stops_->last(); }
  [[nodiscard]] bool fresh() const override { return stops_->fresh(); }
  absl::Status Settle() override { return stops_->Settle(); }
  absl::Status ForEach(std::uint64_t after,
                       absl::FunctionRef<absl::Status(const StopEntry& entry)>
                           visit) const override {
    return stops_->ForEach(after, visit);
  }
  [[nodiscard]] bool MovedIn(const base::ByteArray<16>& move) const override {
    return stops_->MovedIn(move);
  }
  absl::Status Append(std::span<const StopEntry> entries) override {
    if (broken_) return absl::UnavailableError("the disk is broken");
    return stops_->Append(entries);
  }
  void Break() { broken_ = true; }

 private:
  const std::unique_ptr<StopLedger> stops_;
  std::atomic<bool> broken_ = false;
};

class OneKek final : public KekSource {
 public:
  [[nodiscard]] std::uint32_t current_epoch() const override { return 1; }
  [[nodiscard]] absl::StatusOr<base::SecretBytes> Kek(
      std::uint32_t epoch) const override {
    if (epoch != 1) return absl::NotFoundError("no such epoch");
    base::ByteArray<32> key{};
    key.fill(0x4b);
    return base::SecretBytes::Copy(key);
  }
};

// Knows the system of 16 bytes 8, which trains on the snapshot of 16 bytes 6.
class OneSystem final : public SystemDirectory {
 public:
  [[nodiscard]] bool Exists(const SystemId& system) const override {
    return system == IdOf<SystemId>(8);
  }
  [[nodiscard]] bool MayTrain(const SystemId& system,
                              const SnapshotId& snapshot) const override {
    asked_by = std::this_thread::get_id();
    return Exists(system) && snapshot == IdOf<SnapshotId>(6);
  }

  // The thread that asked last whether one may train.
  mutable std::atomic<std::thread::id> asked_by = std::thread::id();
};

// Knows the attributes of CareService; the address is of a special category.
class CareRanks final : public AttributeRanks {
 public:
  [[nodiscard]] bool IsOrdinary(std::string_view attribute) const override {
    return attribute == "person.name" || attribute == "person.birth_date" ||
           attribute == "person.email";
  }
  [[nodiscard]] absl::Status CheckDerivation(
      std::string_view /*attribute*/, std::string_view derivation,
      std::string_view /*parameters*/) const override {
    if (derivation == "over_n/1") return absl::OkStatus();
    return absl::InvalidArgumentError("nobody makes it");
  }
};

// Where the rows are. Memory here; SQLCipher in the integration tests.
class Stores {
 public:
  virtual ~Stores() = default;
  virtual LedgerStore& ledger() = 0;
  virtual PersonKeyStore& keys() = 0;
  // Closes and opens what can be closed and opened.
  virtual void Reopen() {}

 protected:
  Stores() = default;
  Stores(const Stores&) = default;
  Stores& operator=(const Stores&) = default;
};

class MemoryStores final : public Stores {
 public:
  LedgerStore& ledger() override { return ledger_; }
  PersonKeyStore& keys() override { return keys_; }
  MemoryLedgerStore& memory() { return ledger_; }

 private:
  MemoryLedgerStore ledger_;
  MemoryPersonKeyStore keys_;
};

// A person with her device.
struct Citizen {
  crypto::Ed25519PrivateKey key;
  PersonId id;
};

// Who an operator is, and whom it believes.
struct OperatorIdentity {
  std::string name = "limpid.example";
  // Of KeyOf.
  std::uint8_t evidence_seed = 0xe1;
  std::vector<KnownOperator> known = {};
};

class World {
 public:
  explicit World(Stores& stores, OperatorIdentity identity = {});
  ~World() = default;

  // Stops the role without a word and starts it again over the same stores.
  void Restart();
  void Stop() { consent_.reset(); }
  absl::Status TryStart();
  // From this start on over a guarded clock that knows `known`, at most five
  // days ago.
  absl::Status TryStartKnowing(absl::Time known);
  // A start that opens the stop ledger and gets no further.
  void FailStart();
  // From now on until the next start.
  void FailStops() { stops_->Break(); }

  Consent& consent() { return *consent_; }
  limpid::testing::FakeClock& clock() { return clock_; }
  FakeAccessLog& log() { return log_; }
  FakePush& push() { return push_; }
  OneSystem& systems() { return systems_; }
  FakeKeyDirectory& keys() { return keys_; }
  FakeRegister& algorithms() { return algorithms_; }
  [[nodiscard]] std::filesystem::path stop_ledger_path() const {
    return directory_.path() / "stops";
  }

  // A registered care service with the key {1}, one agreement, the vault.
  ServicePointer service() { return service_; }
  AgreementPointer agreement() { return agreement_; }
  static SourceId vault() { return IdOf<SourceId>(7); }
  // Publishes another agreement of the same service.
  AgreementPointer Publish(AgreementContent content);

  // Known from the next start on.
  void AddSource(SourceInfo source) { sources_.push_back(std::move(source)); }
  // What somebody has been called for.
  std::vector<absl::Status> alarms() const {
    const base::MutexLock lock(alarm_mutex_);
    return alarms_;
  }
  // From the next start on.
  void LimitTicks(std::uint64_t leaves_max) { tick_leaves_max_ = leaves_max; }
  // From the next start on.
  void LimitCohorts(std::size_t person_max) { cohort_person_max_ = person_max; }
  // From the next start on: as many stay in the sequencer's memory.
  void KeepPersons(std::size_t count) { persons_in_memory_ = count; }

  Citizen NewCitizen(std::uint8_t seed);
  // A record of the citizen that waits for her answer.
  RecordView Request(const Citizen& citizen, const AgreementPointer& agreement);
  RecordView Request(const Citizen& citizen) {
    return Request(citizen, agreement_);
  }
  // The statement that grants name and "over 18" of the record.
  receipt::SignedStatement StatementFor(const Citizen& citizen,
                                        const RecordView& record);
  // A granted record.
  RecordView Granted(const Citizen& citizen, AgreementPointer agreement);
  RecordView Granted(const Citizen& citizen) {
    return Granted(citizen, agreement_);
  }
  // Reads name and birth date under the record, and waits for the answer.
  absl::StatusOr<Authorisation> Read(const RecordId& record);
  static AuthoriseRequest ReadRequestFor(const RecordId& record);
  absl::StatusOr<Authorisation> Ask(AuthoriseRequest request);

 private:
  ConsentOptions Options();

  mutable base::Mutex alarm_mutex_;
  std::vector<absl::Status> alarms_ ABSL_GUARDED_BY(alarm_mutex_);
  limpid::testing::FakeClock clock_;
  std::unique_ptr<base::GuardedClock> guard_;
  limpid::testing::TempDir directory_;
  Stores& stores_;
  const OperatorIdentity identity_;
  FakeAccessLog log_;
  FakePush push_;
  FakeKeyDirectory keys_;
  FakeRegister algorithms_;
  OneKek keks_;
  OneSystem systems_;
  CareRanks ranks_;
  ThreePurposes purposes_;
  std::unique_ptr<BreakableStops> stops_;
  std::unique_ptr<Consent> consent_;
  ServicePointer service_;
  AgreementPointer agreement_;
  std::vector<SourceInfo> sources_ = {{vault(), "Vault", ""}};
  std::uint64_t next_request_ = 1;
  std::uint64_t tick_leaves_max_ = kMaxTickLeaves;
  std::size_t cohort_person_max_ = receipt::kMaxCohort;
  std::size_t persons_in_memory_ = ConsentOptions().persons_in_memory;
};

// Whether something was released.
inline bool Released(const absl::StatusOr<Authorisation>& answer) {
  return answer.ok() && answer->release.has_value();
}

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_WORLD_H_
