#include "tests/unit/consent/world.h"

#include <algorithm>
#include <future>
#include <utility>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "consent/training/training_worker.h"

namespace limpid::consent::testing {
World::World(Stores& stores, OperatorIdentity identity)
    : stores_(stores), identity_(std::move(identity)) {
  LIMPID_CHECK(TryStart().ok());
  base::ByteArray<16> request_id{};
  request_id.fill(1);
  Service service = CareService();
  service.id = ServiceId();
  service_ = consent_->CreateService(request_id, service).value();
  agreement_ = Publish(CareContent());
}

ConsentOptions World::Options() {
  ConsentOptions options;
  options.alarm = [this](const absl::Status& what) {
    const base::MutexLock lock(alarm_mutex_);
    alarms_.push_back(what);
  };
  options.operator_name = identity_.name;
  options.known_operators = identity_.known;
  options.sources = sources_;
  // Ticks happen when a test says so.
  options.log_interval = absl::Hours(1);
  // So is what became of accesses written.
  options.completion_interval = absl::Hours(1);
  // And events are pushed when it does.
  options.push_worker_count = 0;
  options.key_worker = false;
  options.tick_leaves_max = tick_leaves_max_;
  options.cohort_person_max = cohort_person_max_;
  options.persons_in_memory = persons_in_memory_;
  return options;
}

absl::Status World::TryStartKnowing(absl::Time known) {
  consent_.reset();
  guard_ = std::make_unique<base::GuardedClock>(clock_);
  guard_->Begin(known, 5 * absl::Hours(24));
  return TryStart();
}

absl::Status World::TryStart() {
  consent_.reset();
  stops_.reset();
  stores_.Reopen();
  LIMPID_ASSIGN_OR_RETURN(auto stops,
                          OpenStopLedger(stop_ledger_path(), SecretOf(0x53)));
  stops_ = std::make_unique<BreakableStops>(std::move(stops));
  const base::Clock* clock = &clock_;
  if (guard_ != nullptr) clock = guard_.get();
  LIMPID_ASSIGN_OR_RETURN(
      consent_,
      Consent::Open(
          {stores_.ledger(), stores_.keys(), keks_, *stops_, log_, systems_,
           purposes_, *clock, &push_, &ranks_, &keys_},
          {KeyOf(identity_.evidence_seed), KeyOf(0xe2), SecretOf(0x52)},
          Options()));
  ConnectRegister(*consent_, algorithms_);
  return absl::OkStatus();
}

void World::FailStart() {
  consent_.reset();
  stops_.reset();
  const auto stops = OpenStopLedger(stop_ledger_path(), SecretOf(0x53));
  LIMPID_CHECK(stops.ok());
}

void World::Restart() { LIMPID_CHECK(TryStart().ok()); }

AgreementPointer World::Publish(AgreementContent content) {
  return consent_
      ->CreateAgreement(service_->id, std::nullopt, std::move(content))
      .value();
}

Citizen World::NewCitizen(std::uint8_t seed) {
  Citizen out{KeyOf(seed), {}};
  out.id = consent_->CreateAccount(out.key.PublicKey()).value().person;
  return out;
}

RecordView World::Request(const Citizen& citizen,
                          const AgreementPointer& agreement) {
  NewRequest request;
  request.agreement = agreement->id;
  request.version = agreement->version;
  base::ByteWriter id;
  id.U64(0).U64(next_request_++);
  const base::Bytes bytes = id.Take();
  std::copy(bytes.begin(), bytes.end(), request.request_id.begin());
  const auto made = consent_->CreateRequest(agreement->service, request);
  return consent_->BindRequest(citizen.id, made.value().code).value();
}

receipt::SignedStatement World::StatementFor(const Citizen& citizen,
                                             const RecordView& record) {
  return receipt::SignStatement(
      testing::StatementFor(record.revision, *record.agreement, clock_.Now()),
      citizen.key);
}

RecordView World::Granted(const Citizen& citizen, AgreementPointer agreement) {
  const RecordView record = Request(citizen, std::move(agreement));
  return consent_
      ->Grant(citizen.id, record.revision.record, StatementFor(citizen, record))
      .value()
      .record;
}

AuthoriseRequest World::ReadRequestFor(const RecordId& record) {
  AuthoriseRequest request;
  request.caller_key = base::Digest32{1};
  request.source = vault();
  request.record = record;
  request.read.purpose = kCare;
  request.read.attributes = {"person.name", "person.birth_date"};
  request.nonce.fill(5);
  request.request_hash.fill(6);
  return request;
}

absl::StatusOr<Authorisation> World::Ask(AuthoriseRequest request) {
  std::promise<absl::StatusOr<Authorisation>> promise;
  auto future = promise.get_future();
  consent_->Authorise(std::move(request), [&](auto answer) {
    promise.set_value(std::move(answer));
  });
  return future.get();
}

absl::StatusOr<Authorisation> World::Read(const RecordId& record) {
  return Ask(ReadRequestFor(record));
}

}  // namespace limpid::consent::testing
