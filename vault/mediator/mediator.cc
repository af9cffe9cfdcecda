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

Mediator::Mediator(VaultCore& core, ConsentGate& gate, Reader& reader,
                   Executor run)
    : core_(core), gate_(gate), reader_(reader), run_(std::move(run)) {}

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
    if (run_ == nullptr) {
      return callback(Answer(asked, sent_at, *std::move(decision)));
    }
    // Shared, because std::function must be copyable; it runs once.
    struct Work {
      ReleaseRequest asked;
      absl::Duration sent_at;
      Decision decision;
      ReadCallback callback;
    };
    auto work = std::make_shared<Work>(Work{
        std::move(asked), sent_at, *std::move(decision), std::move(callback)});
    const bool taken = run_([this, work] {
      work->callback(
          Answer(work->asked, work->sent_at, std::move(work->decision)));
    });
    if (!taken) {
      work->callback(absl::ResourceExhaustedError("too many reads at once"));
    }
  };
  gate_.Authorize(asked, std::move(answer));
}

absl::StatusOr<ReadAnswer> Mediator::Answer(const ReleaseRequest& request,
                                            absl::Duration sent_at,
                                            Decision decision) {
  ReadAnswer answer;
  answer.access_id = std::move(decision.access_id);
  answer.access_promise = std::move(decision.access_promise);
  answer.request_hash = request.request_hash;
  std::map<std::string_view, ReadReason> refused;
  for (const Refusal& refusal : decision.refused) {
    refused.emplace(refusal.attribute, ToRead(refusal.reason));
  }
  std::map<std::string_view, ReadLine*> released;
  if (decision.permit) {
    LIMPID_ASSIGN_OR_RETURN(
        answer.release_,
        reader_.Release(*std::move(decision.permit), request, sent_at));
    if (base::FormatIdText("acc", answer.release_->permit().access) !=
        answer.access_id) {
      return absl::DataLossError("a permit names another access entry");
    }
    const auto& permitted = answer.release_->permit().lines;
    auto& lines = answer.release_->lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      released.emplace(permitted[i].attribute, &lines[i]);
    }
  }
  // Reserved and filled in place: moving a short text leaves a copy behind.
  answer.lines.reserve(request.fields.attributes.size());
  for (const std::string& attribute : request.fields.attributes) {
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
