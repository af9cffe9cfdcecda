// The port of the data store: attribute rows, the rows of the vault's own log,
// and the catalogue. One port, because an act and its log row are one
// transaction. Sees ciphertext and blinded names only.

#ifndef LIMPID_VAULT_ATTRIBUTE_VAULT_STORE_H_
#define LIMPID_VAULT_ATTRIBUTE_VAULT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "vault/attribute/record.h"
#include "vault/connectors/source_link_row.h"
#include "vault/erasure/erasure_store.h"
#include "vault/log/act.h"
#include "vault/recovery/recovery_row.h"

namespace limpid::vault {

// One act of the vault's own log as stored; docs/formats/vault-log.md. The
// owner is none and the name key zero where the act has none.
struct ActRow {
  std::uint64_t counter = 0;
  Owner owner;
  NameKey name_key{};
  std::uint64_t version = 0;
  ActKind kind = ActKind::kPut;
  std::uint32_t generation = 0;
  std::int64_t time_ms = 0;
  base::Digest32 commitment{};
  base::Digest32 head{};
  base::Bytes sealed_disclosure;

  friend bool operator==(const ActRow&, const ActRow&) = default;
};

// The newest act: counter 0 and head zero before the first.
struct LogHead {
  std::uint64_t counter = 0;
  base::Digest32 head{};

  friend bool operator==(const LogHead&, const LogHead&) = default;
};

// A catalogue entry, as canonical JSON.
struct DefinitionRow {
  std::string id;
  std::uint32_t schema_version = 0;
  std::string body_json;

  friend bool operator==(const DefinitionRow&, const DefinitionRow&) = default;
};

// What one owner has stored.
struct Usage {
  // Erased ones included: their rows stay.
  std::uint64_t versions = 0;
  // Of the payloads that are kept and of the copies for services, outer
  // envelopes included (custody/copy_store.h).
  std::uint64_t bytes = 0;
  // Those of the copies among them.
  std::uint64_t copy_bytes = 0;
  // Versions that are not erased.
  std::uint64_t kept = 0;

  friend bool operator==(const Usage&, const Usage&) = default;
};

// Which act of a person: the version for put and erase, the generation for key
// acts (name key zero) and slot acts (the slot id in place of the name key).
struct ActKey {
  Owner owner;
  NameKey name_key{};
  std::uint64_t version = 0;
  ActKind kind = ActKind::kPut;
};

// Times of acts in milliseconds since 1970: after the first, up to the second.
struct ActSpan {
  std::int64_t after_ms = 0;
  std::int64_t until_ms = 0;
};

// Reads of one state: of the last commit, or inside a transaction of what it
// has done so far.
class VaultReads {
 public:
  virtual ~VaultReads() = default;

  // One result for each of `names`, in order: the row of the highest version
  // that is kept.
  virtual absl::StatusOr<std::vector<std::optional<AttributeRow>>> Newest(
      const Owner& owner, std::span<const NameKey> names) const = 0;
  // The row of one version, kept or erased.
  virtual absl::StatusOr<std::optional<AttributeRow>> Find(
      const Owner& owner, const NameKey& name, std::uint64_t version) const = 0;
  // The highest version, erased ones included; 0 if there is none.
  virtual absl::StatusOr<std::uint64_t> HighestVersion(
      const Owner& owner, const NameKey& name) const = 0;
  virtual absl::StatusOr<std::optional<AttributeRow>> FindByRequest(
      const Owner& owner, const RequestKey& request) const = 0;
  // The newest kept row of each of the owner's attributes, by name key, without
  // wrap and payload, which are empty.
  virtual absl::StatusOr<std::vector<AttributeRow>> ListNewest(
      const Owner& owner) const = 0;
  // Rows below `before` (0: from the newest), newest first, erased ones
  // included, at most `limit`, without wrap and payload, which are empty.
  virtual absl::StatusOr<std::vector<AttributeRow>> History(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const = 0;
  // As History, of kept rows alone: what a search looks through.
  virtual absl::StatusOr<std::vector<AttributeRow>> Outlines(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const = 0;

  // Counts the owner's rows and copies one by one.
  virtual absl::StatusOr<Usage> UsageOf(const Owner& owner) const = 0;

  virtual absl::StatusOr<LogHead> Head() const = 0;
  // The newest of this key: only versions that were sealed anew have several.
  virtual absl::StatusOr<std::optional<ActRow>> FindAct(
      const ActKey& key) const = 0;
  // Times within `span` of the owner's acts of `kind`, newest first, at most
  // `limit`. Only of kinds with a rate (attribute/act_rate.h): how many others
  // she has costs nothing.
  virtual absl::StatusOr<std::vector<std::int64_t>> RatedActs(
      const Owner& owner, ActKind kind, const ActSpan& span,
      std::size_t limit) const = 0;
  // The counter of the newest act that a store which was put back has lost
  // (ActKind::kLost); 0 for none.
  virtual absl::StatusOr<std::uint64_t> LastLostAct() const = 0;
  // Acts with counters from `first` on, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<ActRow>> ActsFrom(
      std::uint64_t first, std::size_t limit) const = 0;

  // All definitions, by id and schema version.
  virtual absl::StatusOr<std::vector<DefinitionRow>> ListDefinitions()
      const = 0;

  // Of the owner's recovery slots, by slot id; those of slots that are gone
  // too.
  virtual absl::StatusOr<std::vector<RecoveryRow>> Recoveries(
      const Owner& owner) const = 0;

  // Of the owner, by source key.
  virtual absl::StatusOr<std::vector<SourceLinkRow>> SourceLinks(
      const Owner& owner) const = 0;

 protected:
  VaultReads() = default;
  VaultReads(const VaultReads&) = default;
  VaultReads& operator=(const VaultReads&) = default;
};

// One transaction in progress; used by one thread, not kept.
class VaultTransaction : public VaultReads {
 public:
  // Errors:
  //   kAlreadyExists  the owner has this version of this name, or a row with
  //                   this request key.
  virtual absl::Status Insert(const AttributeRow& row) = 0;

  // Empties wrap and payload and marks the row erased at `erase_ms`.
  //
  // Errors:
  //   kNotFound  no such row, or it is erased already.
  virtual absl::Status Erase(const Owner& owner, const NameKey& name,
                             std::uint64_t version, std::int64_t erase_ms) = 0;

  // Errors:
  //   kAborted  `row.counter` is not the head's plus one.
  virtual absl::Status AppendAct(const ActRow& row) = 0;

  // Errors:
  //   kAlreadyExists  the id has this schema version.
  virtual absl::Status InsertDefinition(const DefinitionRow& row) = 0;

  // Adds the row, or replaces the one of its owner and slot.
  virtual absl::Status PutRecovery(const RecoveryRow& row) = 0;

  // Adds the row, or replaces the one of its owner and source.
  virtual absl::Status PutSourceLink(const SourceLinkRow& row) = 0;
  // Errors:
  //   kNotFound  no such row.
  virtual absl::Status DeleteSourceLink(const Owner& owner,
                                        const SourceKey& source) = 0;

  // The same transaction, for erasing and rotating.
  virtual ErasureTransaction& erasure() = 0;
};

// Thread-safe. Reads see every Write that has returned.
class VaultStore : public VaultReads {
 public:
  ~VaultStore() override = default;
  VaultStore(const VaultStore&) = delete;
  VaultStore& operator=(const VaultStore&) = delete;

  // Runs `work` in a transaction, serialised with all others, durable when OK
  // is returned; if `work` fails nothing of it remains and its status is
  // returned. `work` may run on another thread and must not call the store.
  virtual absl::Status Write(
      absl::FunctionRef<absl::Status(VaultTransaction&)> work) = 0;

  // Runs `work` on one unchanging state: for several reads that belong
  // together. `work` must not call the store.
  virtual absl::Status Snapshot(
      absl::FunctionRef<absl::Status(const VaultReads&)> work) const = 0;
  // The same, for erasing and rotating.
  virtual absl::Status ReadErasure(
      absl::FunctionRef<absl::Status(const ErasureReads&)> work) const = 0;
  // What was deleted leaves the files that the engine can rewrite.
  virtual absl::Status Scrub() = 0;

 protected:
  VaultStore() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_VAULT_STORE_H_
