// Two vaults of two operators and one person with an account and a device at
// both: what tests of export and import share.

#ifndef LIMPID_TESTS_UNIT_VAULT_PORTABILITY_FIXTURE_H_
#define LIMPID_TESTS_UNIT_VAULT_PORTABILITY_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cpp/bundle.h"
#include "clients/cpp/sealing.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/crypto/x25519.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_desk.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/hold_desk.h"
#include "vault/log/publisher.h"
#include "vault/portability/exporter.h"
#include "vault/portability/importer.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {

// Anna: one account key and one device, wherever she has an account.
struct AnnaKeys {
  crypto::Ed25519PrivateKey account = crypto::Ed25519PrivateKey::Generate();
  crypto::X25519PrivateKey device = crypto::X25519PrivateKey::Generate();
};

// One vault, and Anna there.
class PortVault {
 public:
  PortVault(std::string operator_name, std::uint8_t source,
            const AnnaKeys& anna, PersonLimits limits = {})
      : identity_{std::move(operator_name), SourceId(Counting<16>(source))},
        anna_(anna),
        caller{HolderId::Random(), anna.account.PublicKey()},
        core(VaultCore::Open(
                 {identity_, crypto::Suite::kXChaCha20Poly1305, 16},
                 {keks, *keys, *store, clock, crypto::SystemRandom(), limits})
                 .value()),
        publisher(*store, log),
        person(*core, publisher),
        slots(*core),
        sealed(*core),
        eraser(
            Eraser::Open(*core, tombstones, *copies, {30, 7, 14, 30}).value()),
        desk(*core, *eraser, publisher),
        holds(*core, *eraser),
        exporter(*core, slots),
        importer(*core, slots) {}

  [[nodiscard]] client::SealedHome home() const {
    return {identity_.operator_name, identity_.source.bytes(),
            caller.holder.bytes()};
  }

  std::uint64_t Put(std::string_view attribute, std::string_view json,
                    const About& about = {}, bool sign = false) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = json;
    value.request_id = crypto::RandomArray<16>();
    value.about = about;
    value.replace_sealed = true;
    if (sign) {
      value.author_signature = base::ToBytes(anna_.account.Sign(
          ProvenanceStatement(identity_.source, attribute, json, about)));
    }
    return person.Put(caller, value).value().version;
  }

  // A slot for Anna's device; the first one makes her sealed key.
  void AddSlot(const client::SealedKey& key, std::uint8_t id) {
    Slot slot;
    slot.name = {SlotKind::kDevice, {}, key.generation};
    slot.name.id.fill(id);
    slot.key_id = key.id;
    slot.body = client::DeviceSlotBody(home(), key, slot.name.id,
                                       anna_.device.PublicKey(), anna_.account)
                    .value();
    ASSERT_THAT(slots.Add(caller, slot), testing::IsOk());
  }

  void PutSealed(const client::SealedKey& key, std::string_view attribute,
                 std::string_view json) {
    const SealingPlace place = sealed.Place(caller, attribute).value();
    const absl::Time put_time =
        absl::FromUnixMillis(absl::ToUnixMillis(clock.Now()));
    const auto made = client::SealValue(
        home(), key,
        {attribute, place.entry->definition.schema_version, place.version, 0},
        {std::string(json), put_time});
    NewSealedValue value;
    value.attribute = attribute;
    value.schema_version = place.entry->definition.schema_version;
    value.version = place.version;
    value.request_id = crypto::RandomArray<16>();
    value.put_time = put_time;
    value.parts.id = base::ToArray<16>(base::AsBytes(made.dek_id())).value();
    value.parts.generation = made.generation();
    value.parts.label = base::ToBytes(made.label());
    value.parts.wrap = base::ToBytes(made.wrap());
    value.parts.payload = base::ToBytes(made.payload());
    ASSERT_THAT(sealed.Put(caller, value), testing::IsOk());
  }

  void Erase(std::string_view attribute, std::uint64_t version) {
    ASSERT_THAT(desk.EraseVersion(caller, attribute, version), testing::IsOk());
  }

  // Every line, of all pages.
  std::vector<std::string> Export() {
    std::vector<std::string> out;
    base::Bytes token;
    do {
      auto page = exporter.Page(caller, token);
      EXPECT_THAT(page, testing::IsOk());
      if (!page.ok()) return {};
      for (std::string& line : page->lines) out.push_back(std::move(line));
      page->lines.clear();
      token = page->next;
    } while (!token.empty());
    return out;
  }

  // Brings `lines` in batches of `batch` and counts the outcomes.
  struct Count {
    std::size_t created = 0;
    std::size_t unchanged = 0;
    std::vector<ImportRefusal> refused;
  };
  Count Import(const std::vector<std::string>& lines, std::size_t batch = 256) {
    const auto text = client::WriteBundle(
        {"old.example", SourceId(Counting<16>(1)).Text(), clock.Now()}, lines);
    EXPECT_THAT(text, testing::IsOk());
    const auto bundle = client::ReadBundle(*text);
    EXPECT_THAT(bundle, testing::IsOk());
    if (!bundle.ok()) return {};
    std::vector<ImportLine> some;
    Count out;
    for (std::size_t i = 0; i < bundle->lines.size(); ++i) {
      const client::BundleLine& line = bundle->lines[i];
      if (line.kind != client::BundleLineKind::kDefinition) {
        some.push_back({line.text, line.previous});
      }
      if (some.size() < batch && i + 1 < bundle->lines.size()) continue;
      Add(ImportBatch(some), out);
      some.clear();
    }
    return out;
  }
  ImportAnswer ImportBatch(const std::vector<ImportLine>& lines) {
    auto answer = importer.Import(caller, Counting<32>(9), lines);
    EXPECT_THAT(answer, testing::IsOk());
    return answer.ok() ? *std::move(answer) : ImportAnswer{};
  }
  static void Add(const ImportAnswer& answer, Count& out) {
    for (const ImportResult& result : answer.results) {
      if (result.outcome == ImportOutcome::kCreated) ++out.created;
      if (result.outcome == ImportOutcome::kUnchanged) ++out.unchanged;
      if (result.outcome == ImportOutcome::kRefused) {
        out.refused.push_back(result.refusal);
      }
    }
  }

  // What Anna's device makes of a sealed version here.
  std::string OpenSealed(std::string_view attribute, std::uint64_t version) {
    const auto key = KeyOfDevice();
    const auto got = person.Get(caller, attribute, version);
    if (!key.ok() || !got.ok() || !got->sealed) return "";
    v1::SealedValue value;
    value.set_dek_id(base::ToText(got->sealed->id));
    value.set_generation(got->sealed->generation);
    value.set_label(base::ToText(got->sealed->label));
    value.set_wrap(base::ToText(got->sealed->wrap));
    value.set_payload(base::ToText(got->sealed->payload));
    const auto opened = client::OpenSealedValue(
        HomeOf(got->sealed->origin), *key,
        {attribute, got->info.schema_version, version, 0}, value);
    return opened.ok() ? opened->value_json : "";
  }

 private:
  [[nodiscard]] client::SealedHome HomeOf(
      const std::optional<SealedOrigin>& origin) const {
    if (!origin) return home();
    return {origin->vault.operator_name, origin->vault.source.bytes(),
            origin->holder.bytes()};
  }
  absl::StatusOr<client::SealedKey> KeyOfDevice() {
    const auto listed = slots.List(caller);
    if (!listed.ok() || listed->empty()) return absl::NotFoundError("no slot");
    const Slot& slot = listed->front();
    const auto body = client::ParseDeviceSlot(slot.body);
    if (!body.ok()) return body.status();
    return client::OpenDeviceSlot(
        HomeOf(slot.origin), {slot.name.id, slot.name.generation, slot.key_id},
        *body, anna_.device, anna_.account.PublicKey());
  }

  const Identity identity_;
  const AnnaKeys& anna_;

 public:
  const PersonCaller caller;
  testing::FakeClock clock;
  FakeKeks keks;
  std::unique_ptr<KeyStore> keys = NewMemoryKeyStore();
  std::unique_ptr<CopyStore> copies = NewMemoryCopyStore();
  std::unique_ptr<VaultStore> store = NewMemoryVaultStore(*copies);
  std::unique_ptr<VaultCore> core;
  FakeLog log;
  ActPublisher publisher;
  PersonVault person;
  SlotDesk slots;
  SealedVault sealed;
  FakeTombstones tombstones;
  std::unique_ptr<Eraser> eraser;
  ErasureDesk desk;
  HoldDesk holds;
  Exporter exporter;
  Importer importer;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_PORTABILITY_FIXTURE_H_
