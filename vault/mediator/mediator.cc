#include "vault/mediator/mediator.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "vault/attribute/definition.h"

namespace limpid::vault {
namespace {

// The longest DPV IRI has 70 bytes; extensions get room.
constexpr std::size_t kMaxPurposeBytes = 200;

absl::Status Check(const receipt::ReleaseRequestFields& fields) {
  if (fields.purpose.empty() || fields.purpose.size() > kMaxPurposeBytes) {
    return absl::InvalidArgumentError("purpose_iri: must have 1 to 200 bytes");
  }
  if (fields.attributes.empty() ||
      fields.attributes.size() > receipt::kMaxLines) {
    return absl::InvalidArgumentError("attributes: must be 1 to 64");
  }
  std::set<std::string_view> seen;
  for (const std::string& attribute : fields.attributes) {
    if (!IsAttributeId(attribute)) {
      return absl::InvalidArgumentError("attributes: one is no attribute id");
    }
    if (!seen.insert(attribute).second) {
      return absl::InvalidArgumentError("attributes: one is asked twice");
    }
  }
  return absl::OkStatus();
}

// The numbers agree up to 13; a refusal is never "released".
ReadReason ToRead(receipt::Reason reason) {
  return reason == receipt::Reason::kReleased ? ReadReason::kNoConsent
                                              : static_cast<ReadReason>(reason);
}

}  // namespace

base::Bytes ReadAnswer::pseudonym() const {
  if (!release_) return {};
  return base::ToBytes(release_->permit().pseudonym);
}

std::optional<absl::Time> ReadAnswer::valid_until() const {
  if (!release_) return std::nullopt;
  return release_->valid_until();
}

std::optional<NewOperator> ReadAnswer::moved_to() const {
  if (!release_) return std::nullopt;
  return release_->moved_to();
}

bool ReadAnswer::HandOver(absl::FunctionRef<void()> hand_over) {
  if (release_) return release_->HandOver(hand_over);
  hand_over();
  return true;
}

Closing ReadAnswer::ClosingAfter(bool left, bool sent) const {
  const auto released = static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [](const ReadLine& line) {
        return line.reason == ReadReason::kReleased;
      }));
  if (!left || !release_ || released == 0) return Closing::kDropped;
  if (!sent) return Closing::kFailed;
  return released == release_->permit().lines.size() ? Closing::kSent
                                                     : Closing::kPartial;
}

void ReadAnswer::Close(Closing closing) {
  if (release_) release_->Close(closing);
}

// One read under way. Shared, because std::function must be copyable; each step
// runs once.
struct Mediator::Work : std::enable_shared_from_this<Mediator::Work> {
  ReleaseRequest asked;
  absl::Duration sent_at;
  Decision decision;
  ReadCallback callback;
  ReadAnswer answer;
  std::vector<Fetched> fetched;
};

Mediator::Mediator(VaultCore& core, ConsentGate& gate, Reader& reader,
                   Executor run, SourceFetcher* sources)
    : core_(core),
      gate_(gate),
      reader_(reader),
      run_(std::move(run)),
      sources_(sources) {}

void Mediator::Read(ReadRequest request, ReadCallback callback) {
  const absl::Status valid = Check(request.fields);
  if (!valid.ok()) return callback(valid);
  ReleaseRequest asked;
  asked.caller_thumbprint = request.caller_thumbprint;
  asked.fields = std::move(request.fields);
  asked.request_hash = receipt::ReleaseRequestHash(asked.fields);
  core_.random().Fill(asked.vault_nonce);
  // From sending the request: what the gate and the way cost is off the lease.
  const absl::Duration sent_at = core_.clock().Monotonic();
  auto answer = [this, asked, sent_at, callback = std::move(callback)](
                    absl::StatusOr<Decision> decision) mutable {
    if (!decision.ok()) return callback(decision.status());
    auto work = std::make_shared<Work>();
    work->asked = std::move(asked);
    work->sent_at = sent_at;
    work->decision = *std::move(decision);
    work->callback = std::move(callback);
    Run(std::move(work), &Mediator::Begin);
  };
  gate_.Authorize(asked, std::move(answer));
}

void Mediator::Run(std::shared_ptr<Work> work, void (Mediator::*step)(Work&)) {
  if (run_ == nullptr) return (this->*step)(*work);
  const bool taken = run_([this, work, step] { (this->*step)(*work); });
  if (!taken) {
    work->callback(absl::ResourceExhaustedError("too many reads at once"));
  }
}

void Mediator::Begin(Work& work) {
  const absl::Status released = Release(work);
  if (!released.ok()) return work.callback(released);
  if (sources_ != nullptr && work.answer.release_ &&
      !work.answer.release_->wanted().empty()) {
    return AskSources(work);
  }
  Finish(work);
}

void Mediator::AskSources(Work& work) {
  const class Release& release = *work.answer.release_;
  auto taken = [this, held = work.shared_from_this()](
                   std::vector<Fetched> fetched) mutable {
    held->fetched = std::move(fetched);
    // Off the source's thread, or the timer's.
    Run(std::move(held), &Mediator::TakeFetched);
  };
  sources_->Fetch(release.wanted(), release.lease_end() - kAfterSources,
                  std::move(taken));
}

void Mediator::TakeFetched(Work& work) {
  class Release& release = *work.answer.release_;
  for (std::size_t i = 0; i < work.fetched.size(); ++i) {
    const Wanted& wanted = release.wanted()[i];
    if (!reader_.Fill(release, wanted, std::move(work.fetched[i]))) {
      sources_->RaiseAlarm(wanted.source);
    }
  }
  Finish(work);
}

void Mediator::Finish(Work& work) {
  if (work.answer.release_) reader_.Conclude(*work.answer.release_);
  work.callback(Arrange(work));
}

absl::Status Mediator::Release(Work& work) {
  ReadAnswer& answer = work.answer;
  answer.access_id = std::move(work.decision.access_id);
  answer.access_promise = std::move(work.decision.access_promise);
  answer.request_hash = work.asked.request_hash;
  if (!work.decision.permit) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(answer.release_,
                          reader_.Release(*std::move(work.decision.permit),
                                          work.asked, work.sent_at));
  if (base::FormatIdText("acc", answer.release_->permit().access) !=
      answer.access_id) {
    return absl::DataLossError("a permit names another access entry");
  }
  return absl::OkStatus();
}

ReadAnswer Mediator::Arrange(Work& work) {
  ReadAnswer answer = std::move(work.answer);
  std::map<std::string_view, ReadReason> refused;
  for (const Refusal& refusal : work.decision.refused) {
    refused.emplace(refusal.attribute, ToRead(refusal.reason));
  }
  std::map<std::string_view, ReadLine*> released;
  if (answer.release_) {
    const auto& permitted = answer.release_->permit().lines;
    auto& lines = answer.release_->lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      released.emplace(permitted[i].attribute, &lines[i]);
    }
  }
  // Reserved and filled in place: moving a short text leaves a copy behind.
  answer.lines.reserve(work.asked.fields.attributes.size());
  for (const std::string& attribute : work.asked.fields.attributes) {
    ReadLine& line = answer.lines.emplace_back();
    line.attribute = attribute;
    const auto found = released.find(attribute);
    if (found != released.end()) {
      line = *found->second;
    } else if (const auto why = refused.find(attribute); why != refused.end()) {
      line.reason = why->second;
    }
  }
  return answer;
}

}  // namespace limpid::vault
