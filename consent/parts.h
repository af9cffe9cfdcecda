// What the consent role is made of: the ports it stands on, the keys it signs
// and seals with, and how it is to work.

#ifndef LIMPID_CONSENT_PARTS_H_
#define LIMPID_CONSENT_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/cohort_permit.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "consent/ledger/log_tick.h"
#include "consent/ledger/ports.h"
#include "consent/ledger/stop_ledger.h"
#include "consent/ledger/store.h"
#include "consent/move/known_operator.h"
#include "consent/purpose/purposes.h"
#include "consent/push/push_transport.h"
#include "consent/service_key/key_directory.h"

namespace limpid::consent {

struct SourceInfo {
  SourceId id;
  std::string name;
  // "host:port", empty for the same listener.
  std::string address;
  // SHA-256 of the SubjectPublicKeyInfo that it shows when it asks for
  // decisions; zero for a source in this process.
  base::Digest32 key{};
};

// Signs what leaves; the third blinds and seals what stays. From the keyring.
struct ConsentKeys {
  // Batches of permits, promises and receipts.
  crypto::Ed25519PrivateKey evidence;
  // Source tokens.
  crypto::Ed25519PrivateKey token;
  // 32 bytes; index, access id, row, cursor and code keys are derived from it.
  base::SecretBytes root;
};

struct ConsentOptions {
  std::string operator_name;
  std::vector<SourceInfo> sources;
  // Between two ticks of the access log.
  absl::Duration log_interval = absl::Seconds(60);
  // Most real leaves of one tick; not over kMaxTickLeaves. What waits beyond
  // them is logged by the ticks that follow at once.
  std::uint64_t tick_leaves_max = kMaxTickLeaves;
  // Tick as soon as something waits, and not when nothing does.
  bool tick_when_pending = false;
  // Where authorisations are answered; the sequencer's thread when empty.
  Executor executor;
  // TailedStore::tables_are_older: everything granted is paused.
  bool store_is_older = false;
  // Persons kept in memory between decisions; about 4 kB each.
  std::size_t persons_in_memory = 16'384;
  // Threads that push events; with none, PushDesk::RunDue does it.
  std::size_t push_worker_count = 4;
  std::vector<KnownOperator> known_operators;
  // How often it is looked for what sources said of accesses.
  absl::Duration completion_interval = absl::Milliseconds(500);
  // A thread that publishes keys of services; without it,
  // ServiceKeyDesk::RunDue does it.
  bool key_worker = true;
  // Called with what makes no call fail and wants somebody all the same, such
  // as a stored row that does not open. kInternal or kDataLoss; names no
  // person. On any thread, also with locks held: must not block and not call
  // back. May be empty.
  std::function<void(const absl::Status&)> alarm = {};
  // Most persons in a cohort; not over receipt::kMaxCohort.
  std::size_t cohort_person_max = receipt::kMaxCohort;
};

// All must outlive the role.
struct ConsentParts {
  LedgerStore& store;
  PersonKeyStore& person_keys;
  const KekSource& keks;
  StopLedger& stops;
  AccessLog& log;
  const SystemDirectory& systems;
  const Purposes& purposes;
  const base::Clock& clock;
  // Null: nothing is pushed; no attribute is ordinary (standing/match.h) and no
  // derivation is looked up; keys of services are signed and wait.
  PushTransport* push = nullptr;
  const AttributeRanks* ranks = nullptr;
  KeyDirectory* key_directory = nullptr;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PARTS_H_
