#include "consent/record/room.h"

#include <algorithm>

namespace limpid::consent {
namespace {

bool IsOpen(const PersonalRow& record) {
  const auto state = ParseState(record.state);
  return !state.ok() || !IsFinal(*state);
}

}  // namespace

absl::Status CheckRoomForRecord(std::span<const PersonalRow> records) {
  if (records.size() >= kMaxRecords) {
    return absl::ResourceExhaustedError(
        "you have 5,000 records with those that are over; no more are kept in "
        "one account");
  }
  const auto open = std::count_if(records.begin(), records.end(), IsOpen);
  if (static_cast<std::size_t>(open) >= kMaxOpenRecords) {
    return absl::ResourceExhaustedError(
        "you have 1,000 records that are not over; refuse or withdraw some "
        "first");
  }
  return absl::OkStatus();
}

absl::Status CheckRoomForRevision(const Revision& current, const Revision& next,
                                  RecordEvent event) {
  if (current.number < kMaxRevisions) return absl::OkStatus();
  if (event == RecordEvent::kResume) {
    return absl::ResourceExhaustedError(
        "the record was changed 1,000 times and is resumed no more; withdraw "
        "it, and answer a new request of the service");
  }
  if (event == RecordEvent::kNarrow && next.lines == current.lines &&
      current.until - next.until < kLeastShortening) {
    return absl::ResourceExhaustedError(
        "until_time: the record was changed 1,000 times; shorten it by a day "
        "or more, take an attribute away, or withdraw it");
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
