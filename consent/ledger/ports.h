// What consent asks of the rest of the house. Implemented in server/, or by
// fakes in tests; consent knows nobody behind them.

#ifndef LIMPID_CONSENT_LEDGER_PORTS_H_
#define LIMPID_CONSENT_LEDGER_PORTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "consent/ids.h"

namespace limpid::consent {

// What the algorithm register knows of systems. Thread-safe; asked on callers'
// threads, never on the sequencer's: it may read a store. What it cannot tell
// is a no.
class SystemDirectory {
 public:
  virtual ~SystemDirectory() = default;
  SystemDirectory(const SystemDirectory&) = delete;
  SystemDirectory& operator=(const SystemDirectory&) = delete;
  [[nodiscard]] virtual bool Exists(const SystemId& system) const = 0;
  // Whether the registered system says that it trains on the snapshot, and the
  // snapshot is open. Any service may ask, as often as it may read.
  [[nodiscard]] virtual bool MayTrain(const SystemId& system,
                                      const SnapshotId& snapshot) const = 0;

 protected:
  SystemDirectory() = default;
};

// The access log. Thread-safe.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Entries committed so far.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Appends all or none, durable and signed for on return; the index of the
  // first.
  //
  // Errors:
  //   any  nothing was appended, or only a restart can tell.
  virtual absl::StatusOr<std::uint64_t> Append(
      std::span<const base::Bytes> entries) = 0;
  // Text of the proof file (c2sp.org/tlog-proof) of the entry at `index`.
  [[nodiscard]] virtual absl::StatusOr<std::string> Prove(
      std::uint64_t index) const = 0;

 protected:
  AccessLog() = default;
};

// How the law ranks attributes and which questions about them are answered: the
// catalogue that sources share. Asked on the sequencer's thread: must not
// block. Thread-safe.
class AttributeRanks {
 public:
  virtual ~AttributeRanks() = default;
  AttributeRanks(const AttributeRanks&) = delete;
  AttributeRanks& operator=(const AttributeRanks&) = delete;

  // Whether the attribute is known to be of no special category (GDPR Art. 9)
  // and not about convictions (Art. 10). False for an unknown one.
  [[nodiscard]] virtual bool IsOrdinary(std::string_view attribute) const = 0;
  // Whether `derivation` ("over_n/1") with these parameters (canonical JSON) is
  // answered about the attribute. One that the catalogue does not have, or no
  // catalogue in this process, refuses nothing that is a derivation.
  //
  // Errors:
  //   kInvalidArgument  it is not; the message says why, without the place.
  [[nodiscard]] virtual absl::Status CheckDerivation(
      std::string_view attribute, std::string_view derivation,
      std::string_view parameters) const = 0;

 protected:
  AttributeRanks() = default;
};

// The key encryption keys of the role. Thread-safe.
class KekSource {
 public:
  virtual ~KekSource() = default;
  KekSource(const KekSource&) = delete;
  KekSource& operator=(const KekSource&) = delete;

  [[nodiscard]] virtual std::uint32_t current_epoch() const = 0;
  // 32 bytes.
  //
  // Errors:
  //   kNotFound  never made, or destroyed.
  [[nodiscard]] virtual absl::StatusOr<base::SecretBytes> Kek(
      std::uint32_t epoch) const = 0;

 protected:
  KekSource() = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PORTS_H_
