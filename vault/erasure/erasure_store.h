// What erasing and rotating need of the data store, beside the port of the
// attributes: rows by their key's generation and person by person, acts to seal
// anew, holds and certificates. Part of the same transactions. Sees ciphertext
// only. docs/formats/tombstone.md, erasure-certificate.md

#ifndef LIMPID_VAULT_ERASURE_ERASURE_STORE_H_
#define LIMPID_VAULT_ERASURE_ERASURE_STORE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "vault/attribute/record.h"
#include "vault/keys/blind.h"

namespace limpid::vault {

// An act whose disclosure is under the person's key.
struct SealedAct {
  std::uint64_t counter = 0;
  std::uint32_t generation = 0;
  base::Digest32 commitment{};
  base::Bytes disclosure;

  friend bool operator==(const SealedAct&, const SealedAct&) = default;
};

// Of one person, what is under her assisted key: rows of that custody, and
// acts, also those on sealed rows and on slots.
struct PersonCount {
  std::int64_t rows = 0;
  std::int64_t kept = 0;
  // Acts with a disclosure under her key.
  std::int64_t acts = 0;
  // Lowest and highest generation of rows and acts; 0 when there are neither.
  std::uint32_t lowest = 0;
  std::uint32_t highest = 0;

  friend bool operator==(const PersonCount&, const PersonCount&) = default;
};

// Where a row stands among those of its owner: before the first, when nothing
// is named.
struct RowPlace {
  NameKey name_key{};
  std::uint64_t version = 0;

  friend auto operator<=>(const RowPlace&, const RowPlace&) = default;
};

using HoldId = base::ByteArray<16>;

// docs/formats/erasure-certificate.md
struct HoldRow {
  HoldId id{};
  Owner owner;
  // Milliseconds since 1970; lifted_ms is 0 while the hold stands.
  std::int64_t placed_ms = 0;
  std::int64_t lifted_ms = 0;
  base::Bytes sealed;

  friend bool operator==(const HoldRow&, const HoldRow&) = default;
};

using CertificateId = base::ByteArray<16>;

struct CertificateRow {
  CertificateId id{};
  // Of whose rows; none for a person who was erased whole.
  Owner owner;
  base::Bytes sealed;

  friend bool operator==(const CertificateRow&,
                         const CertificateRow&) = default;
};

// A person's assisted key that the vault's log says was made.
struct KeyMade {
  Owner owner;
  std::uint32_t generation = 0;

  friend bool operator==(const KeyMade&, const KeyMade&) = default;
};

class ErasureReads {
 public:
  virtual ~ErasureReads() = default;

  // A row by its id, kept or erased, without its payload. Costs the same
  // however many she has.
  virtual absl::StatusOr<std::optional<AttributeRow>> FindById(
      const Owner& owner, const crypto::KeyId& id) const = 0;
  // The kept rows of one attribute by version, without payloads.
  virtual absl::StatusOr<std::vector<AttributeRow>> KeptOf(
      const Owner& owner, const NameKey& name) const = 0;
  // Assisted rows, kept or erased, of a generation below `generation`, after
  // `after` in the order of name key and version, without payloads, at most
  // `limit`. Those before `after` cost nothing.
  virtual absl::StatusOr<std::vector<AttributeRow>> RowsBelow(
      const Owner& owner, std::uint32_t generation, const RowPlace& after,
      std::size_t limit) const = 0;
  // Acts whose disclosure is under a generation from 1 to below `generation`,
  // by generation and counter, at most `limit`.
  virtual absl::StatusOr<std::vector<SealedAct>> ActsBelow(
      const Owner& owner, std::uint32_t generation,
      std::size_t limit) const = 0;
  virtual absl::StatusOr<PersonCount> Count(const Owner& owner) const = 0;

  // The keys that were made last and whose person was not erased since, by
  // their acts, newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<KeyMade>> NewestKeys(
      std::size_t limit) const = 0;

  // Owners of kept rows of either custody, each once, after `after` in the
  // order of shard and id, at most `limit`.
  virtual absl::StatusOr<std::vector<Owner>> OwnersAfter(
      const Owner& after, std::size_t limit) const = 0;
  // The owner's kept rows of either custody, after the place of `name` and
  // `version` in the order of name key and version, at most `limit`. Of a
  // payload the first kPayloadHeadBytes.
  virtual absl::StatusOr<std::vector<AttributeRow>> KeptAfter(
      const Owner& owner, const NameKey& name, std::uint64_t version,
      std::size_t limit) const = 0;

  // Of the owner, lifted ones included, oldest first.
  virtual absl::StatusOr<std::vector<HoldRow>> Holds(
      const Owner& owner) const = 0;
  virtual absl::StatusOr<std::optional<HoldRow>> FindHold(
      const HoldId& id) const = 0;
  virtual absl::StatusOr<std::optional<CertificateRow>> FindCertificate(
      const CertificateId& id) const = 0;

 protected:
  ErasureReads() = default;
  ErasureReads(const ErasureReads&) = default;
  ErasureReads& operator=(const ErasureReads&) = default;
};

class ErasureTransaction : public ErasureReads {
 public:
  // Replaces generation, label and wrap of the row with this owner and id.
  //
  // Errors:
  //   kNotFound  no such row.
  virtual absl::Status Rewrap(const AttributeRow& row) = 0;
  // Gives the row that `was` is label, wrap and payload of `now`, if it is kept
  // and assisted and these and its generation are still those of `was`. False:
  // it is another by now, or gone, and nothing changed. Both name the same row.
  virtual absl::StatusOr<bool> Replace(const AttributeRow& was,
                                       const AttributeRow& now) = 0;
  // Replaces generation and disclosure of the act with this counter.
  //
  // Errors:
  //   kNotFound  no such act.
  virtual absl::Status Reseal(const SealedAct& act) = 0;
  // Deletes all of the person's rows, holds, certificates, budgets, recoveries
  // and links to sources, and turns her acts into bare commitments: no owner,
  // name, version, generation or disclosure. Returns how many versions were
  // kept.
  virtual absl::StatusOr<std::int64_t> ForgetPerson(const Owner& owner) = 0;

  // Errors:
  //   kAlreadyExists  the id is taken.
  virtual absl::Status InsertHold(const HoldRow& row) = 0;
  // Errors:
  //   kNotFound  no such hold, or it was lifted before.
  virtual absl::Status LiftHold(const HoldId& id, std::int64_t lifted_ms) = 0;
  // Errors:
  //   kAlreadyExists  the id is taken.
  virtual absl::Status InsertCertificate(const CertificateRow& row) = 0;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_ERASURE_STORE_H_
