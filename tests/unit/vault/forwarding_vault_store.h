// A store of values that passes everything on: tests override what they change.

#ifndef LIMPID_TESTS_UNIT_VAULT_FORWARDING_VAULT_STORE_H_
#define LIMPID_TESTS_UNIT_VAULT_FORWARDING_VAULT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

class ForwardingVaultStore : public VaultStore {
 public:
  // `inner` must outlive it.
  explicit ForwardingVaultStore(VaultStore& inner) : inner_(inner) {}

  absl::Status Write(
      absl::FunctionRef<absl::Status(VaultTransaction&)> work) override {
    return inner_.Write(work);
  }
  // With what the test overrides, hence not of one state.
  absl::Status Snapshot(
      absl::FunctionRef<absl::Status(const VaultReads&)> work) const override {
    return work(*this);
  }
  absl::Status ReadErasure(absl::FunctionRef<absl::Status(const ErasureReads&)>
                               work) const override {
    return inner_.ReadErasure(work);
  }
  absl::Status Scrub() override { return inner_.Scrub(); }

  absl::StatusOr<std::vector<std::optional<AttributeRow>>> Newest(
      const Owner& owner, std::span<const NameKey> names) const override {
    return inner_.Newest(owner, names);
  }
  absl::StatusOr<std::optional<AttributeRow>> Find(
      const Owner& owner, const NameKey& name,
      std::uint64_t version) const override {
    return inner_.Find(owner, name, version);
  }
  absl::StatusOr<std::uint64_t> HighestVersion(
      const Owner& owner, const NameKey& name) const override {
    return inner_.HighestVersion(owner, name);
  }
  absl::StatusOr<std::optional<AttributeRow>> FindByRequest(
      const Owner& owner, const RequestKey& request) const override {
    return inner_.FindByRequest(owner, request);
  }
  absl::StatusOr<std::vector<AttributeRow>> ListNewest(
      const Owner& owner) const override {
    return inner_.ListNewest(owner);
  }
  absl::StatusOr<std::vector<AttributeRow>> History(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    return inner_.History(owner, name, before, limit);
  }
  absl::StatusOr<std::vector<AttributeRow>> Outlines(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    return inner_.Outlines(owner, name, before, limit);
  }
  absl::StatusOr<Usage> UsageOf(const Owner& owner) const override {
    return inner_.UsageOf(owner);
  }
  absl::StatusOr<LogHead> Head() const override { return inner_.Head(); }
  absl::StatusOr<std::optional<ActRow>> FindAct(
      const ActKey& key) const override {
    return inner_.FindAct(key);
  }
  absl::StatusOr<std::vector<std::int64_t>> RatedActs(
      const Owner& owner, ActKind kind, const ActSpan& span,
      std::size_t limit) const override {
    return inner_.RatedActs(owner, kind, span, limit);
  }
  absl::StatusOr<std::vector<ActRow>> ActsFrom(
      std::uint64_t first, std::size_t limit) const override {
    return inner_.ActsFrom(first, limit);
  }
  absl::StatusOr<std::vector<DefinitionRow>> ListDefinitions() const override {
    return inner_.ListDefinitions();
  }
  absl::StatusOr<std::uint64_t> LastLostAct() const override {
    return inner_.LastLostAct();
  }
  absl::StatusOr<std::vector<RecoveryRow>> Recoveries(
      const Owner& owner) const override {
    return inner_.Recoveries(owner);
  }
  absl::StatusOr<std::vector<SourceLinkRow>> SourceLinks(
      const Owner& owner) const override {
    return inner_.SourceLinks(owner);
  }

 private:
  VaultStore& inner_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_FORWARDING_VAULT_STORE_H_
