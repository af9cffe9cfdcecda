// A whole vault in memory with a gate that does what a test tells it, and the
// verbs that tests of the vault share.

#ifndef LIMPID_TESTS_UNIT_VAULT_VAULT_WORLD_H_
#define LIMPID_TESTS_UNIT_VAULT_VAULT_WORLD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/batch.h"
#include "common/receipt/permit.h"
#include "tests/testing/fake_clock.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/hold_desk.h"
#include "vault/gate/consent_gate.h"
#include "vault/gate/fences.h"
#include "vault/log/publisher.h"
#include "vault/mediator/mediator.h"
#include "vault/reader/reader.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {

// Says yes to the lines it was given, no to the rest, and lets a test damage
// what it says.
class FakeGate final : public ConsentGate {
 public:
  FakeGate(const base::Clock& clock, Fences& fences)
      : clock_(clock),
        fences_(fences),
        key_(crypto::Ed25519PrivateKey::Generate()) {}

  void Authorize(ReleaseRequest request, DecisionCallback callback) override {
    {
      const base::MutexLock lock(mutex_);
      requests.push_back(request);
      if (hold_back) {
        waiting.emplace_back(std::move(request), std::move(callback));
        return;
      }
    }
    if (!error.ok()) return callback(error);
    callback(Decide(request));
  }

  // Requests held back so far; callable while others arrive.
  std::size_t waiting_count() {
    const base::MutexLock lock(mutex_);
    return waiting.size();
  }
  // Answers all of them.
  void DecideWaiting() {
    std::vector<std::pair<ReleaseRequest, DecisionCallback>> taken;
    {
      const base::MutexLock lock(mutex_);
      taken.swap(waiting);
    }
    for (auto& [request, callback] : taken) callback(Decide(request));
  }

  Decision Decide(const ReleaseRequest& request) {
    Decision out;
    receipt::Permit permit = Draft(request);
    for (const std::string& attribute : request.fields.attributes) {
      const auto found = lines.find(attribute);
      if (found != lines.end()) {
        permit.lines.push_back(found->second);
      } else {
        out.refused.push_back({attribute, refusal});
      }
    }
    permit.access = crypto::RandomArray<16>();
    if (change) change(permit);
    out.access_id = base::FormatIdText("acc", permit.access);
    out.access_promise = base::ToBytes(std::string_view("promise"));
    if (!permit.lines.empty()) out.permit = Sign(permit);
    return out;
  }

  ReleasePermit Sign(const receipt::Permit& permit) {
    SignedPermit sealed;
    sealed.item = permit.Encode();
    const std::vector<base::Bytes> items = {
        sealed.item, base::ToBytes(std::string_view("another"))};
    sealed.proof = receipt::SignBatch(receipt::BatchKind::kPermits, 1,
                                      clock_.Now(), items, key_)
                       .front();
    if (damage) damage(sealed);
    return MakePermit(std::move(sealed),
                      fences_.Open(record_text, permit.revision));
  }

  receipt::Permit Draft(const ReleaseRequest& request) const {
    receipt::Permit permit;
    permit.source = ExampleIdentity().source.bytes();
    permit.service_key = request.caller_thumbprint;
    permit.holder = holder.bytes();
    permit.pseudonym = Counting<16>(0x50);
    permit.request_hash = request.request_hash;
    permit.nonce = request.vault_nonce;
    const auto record = base::ParseIdText("rec", request.fields.record);
    if (record.ok()) permit.record = *record;
    permit.revision = 1;
    permit.epoch = 1;
    permit.lease = absl::Seconds(2);
    permit.not_after = clock_.Now() + absl::Hours(1);
    return permit;
  }

  void Grant(std::string_view attribute) {
    lines[std::string(attribute)] = {std::string(attribute),
                                     receipt::Form::kFull, "", ""};
  }
  void GrantOver(std::string_view attribute, int n) {
    lines[std::string(attribute)] = {std::string(attribute),
                                     receipt::Form::kDerived, "over_n/1",
                                     "{\"n\":" + std::to_string(n) + "}"};
  }
  void GrantAttested(std::string_view attribute, int n) {
    GrantOver(attribute, n);
    lines[std::string(attribute)].form = receipt::Form::kAttested;
  }

  [[nodiscard]] const crypto::Ed25519PublicKey& key() const {
    return key_.PublicKey();
  }

  HolderId holder;
  std::string record_text = base::FormatIdText("rec", Counting<16>(1));
  std::map<std::string, receipt::PermitLine> lines;
  receipt::Reason refusal = receipt::Reason::kNoConsent;
  absl::Status error;
  // Applied before and after signing.
  std::function<void(receipt::Permit&)> change;
  std::function<void(SignedPermit&)> damage;
  std::vector<ReleaseRequest> requests;
  bool hold_back = false;
  std::vector<std::pair<ReleaseRequest, DecisionCallback>> waiting;

 private:
  const base::Clock& clock_;
  Fences& fences_;
  crypto::Ed25519PrivateKey key_;
  base::Mutex mutex_;
};

// Everything of a vault, around stores that the test brings.
class VaultWorld {
 public:
  VaultWorld() : VaultWorld(InOneDatabase{}) {}
  // The keys of values are sealed to `agent`, which opens them.
  explicit VaultWorld(DekAgent& agent) : VaultWorld(InOneDatabase{}, &agent) {}
  VaultWorld(std::unique_ptr<KeyStore> key_store,
             std::unique_ptr<VaultStore> vault_store, crypto::Suite suite)
      : VaultWorld(std::move(key_store), std::move(vault_store), suite,
                   NewMemoryCopyStore()) {}
  // Copies as if they were in the database of `vault_store`.
  VaultWorld(std::unique_ptr<KeyStore> key_store,
             std::unique_ptr<VaultStore> vault_store, crypto::Suite suite,
             std::unique_ptr<CopyStore> copy_store, DekAgent* agent = nullptr)
      : keys(std::move(key_store)),
        copies(std::move(copy_store)),
        store(std::move(vault_store)),
        core(
            VaultCore::Open(
                {ExampleIdentity(), suite, 16},
                {keks, *keys, *store, clock, crypto::SystemRandom(), {}, agent})
                .value()),
        publisher(*store, log),
        person(*core, publisher),
        eraser(
            Eraser::Open(*core, tombstones, *copies, {30, 7, 14, 30}).value()),
        desk(*core, *eraser, publisher),
        holds(*core, *eraser),
        fences(clock),
        gate(clock, fences),
        reader(*core, gate.key()),
        mediator(*core, gate, reader) {
    gate.holder = anna.holder;
  }

  // Stores a value for `who` and returns the version.
  std::uint64_t Put(const PersonCaller& who, std::string_view attribute,
                    std::string_view value_json) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = value_json;
    value.request_id = crypto::RandomArray<16>();
    return person.Put(who, value).value().version;
  }

  // Of whoever has anna's key, which is the one that the world has.
  absl::Status ErasePerson(const PersonCaller& who) {
    PersonErasure request{clock.Now(), {}};
    request.signature = base::ToBytes(anna_key.Sign(
        PersonErasureStatement(ExampleIdentity().source, request.time)));
    return desk.ErasePerson(who, request).status();
  }

  // Reads as the one service of the tests.
  absl::StatusOr<ReadAnswer> Read(std::vector<std::string> attributes) {
    std::optional<absl::StatusOr<ReadAnswer>> out;
    mediator.Read(Request(std::move(attributes)),
                  [&](absl::StatusOr<ReadAnswer> answer) {
                    out.emplace(std::move(answer));
                  });
    return *std::move(out);
  }

  [[nodiscard]] ReadRequest Request(std::vector<std::string> attributes) const {
    ReadRequest request;
    request.caller_thumbprint = Counting<32>(0x11);
    request.fields.record = gate.record_text;
    request.fields.purpose = "https://w3id.org/dpv#ServiceProvision";
    request.fields.attributes = std::move(attributes);
    request.fields.nonce = Counting<16>(0x70);
    return request;
  }

  testing::FakeClock clock;
  FakeKeks keks;
  std::unique_ptr<KeyStore> keys;
  std::unique_ptr<CopyStore> copies;
  std::unique_ptr<VaultStore> store;
  std::unique_ptr<VaultCore> core;
  FakeLog log;
  ActPublisher publisher;
  PersonVault person;
  FakeTombstones tombstones;
  std::unique_ptr<Eraser> eraser;
  ErasureDesk desk;
  HoldDesk holds;
  Fences fences;
  FakeGate gate;
  Reader reader;
  Mediator mediator;
  crypto::Ed25519PrivateKey anna_key = crypto::Ed25519PrivateKey::Generate();
  PersonCaller anna{HolderId::Random(), anna_key.PublicKey()};
  PersonCaller bela{HolderId::Random(),
                    crypto::Ed25519PrivateKey::Generate().PublicKey()};

 private:
  struct InOneDatabase {
    std::unique_ptr<CopyStore> copies = NewMemoryCopyStore();
    std::unique_ptr<VaultStore> values = NewMemoryVaultStore(*copies);
  };
  explicit VaultWorld(InOneDatabase stores, DekAgent* agent = nullptr)
      : VaultWorld(NewMemoryKeyStore(), std::move(stores.values),
                   crypto::Suite::kXChaCha20Poly1305, std::move(stores.copies),
                   agent) {}
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_VAULT_WORLD_H_
