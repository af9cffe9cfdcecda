#include "algoregister/rpc/export_source.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "algoregister/registration/content.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {

absl::StatusOr<bool> ExportSource::Next(v1::ExportRegistrationsResponse& part) {
  while (dropped_.empty() && text_.size() < kChunkBytes &&
         stage_ != Stage::kEnd) {
    if (stage_ == Stage::kBegin) {
      text_ = exporter_.Begin();
      stage_ = Stage::kRows;
    }
    LIMPID_RETURN_IF_ERROR(AddRow());
  }
  if (!dropped_.empty()) {
    v1::DroppedField& dropped = *part.mutable_dropped();
    dropped.set_registration_id(dropped_.front().registration.Text());
    dropped.set_pointer(dropped_.front().pointer);
    dropped.set_reason(dropped_.front().reason);
    dropped_.pop_front();
    return true;
  }
  if (text_.empty()) return false;
  part.set_file_chunk(text_.substr(0, kChunkBytes));
  text_.erase(0, kChunkBytes);
  return true;
}

absl::Status ExportSource::AddRow() {
  if (page_.empty() && !last_page_) LIMPID_RETURN_IF_ERROR(ReadPage());
  if (page_.empty()) {
    text_ += exporter_.End();
    stage_ = Stage::kEnd;
    return absl::OkStatus();
  }
  const Head head = std::move(page_.front());
  page_.pop_front();
  LIMPID_ASSIGN_OR_RETURN(const Version version,
                          store_.Get(head.registration, 0));
  const ExportItem item = {.registration = head.registration,
                           .content = ContentOf(version),
                           .drafted = version.draft_time,
                           .publisher = version.publisher};
  LIMPID_RETURN_IF_ERROR(ReadNames(item.content));
  std::vector<Dropped> dropped;
  text_ += exporter_.Add(item, names_, dropped);
  std::move(dropped.begin(), dropped.end(), std::back_inserter(dropped_));
  return absl::OkStatus();
}

absl::Status ExportSource::ReadPage() {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Head> heads,
                          store_.List(filter_, after_, kPageHeads));
  page_.assign(heads.begin(), heads.end());
  last_page_ = heads.size() < kPageHeads;
  if (!heads.empty()) {
    after_ = {.title_key = FoldTitle(heads.back().title),
              .registration = heads.back().registration};
  }
  return absl::OkStatus();
}

absl::Status ExportSource::ReadNames(const json::Value& content) {
  if (names_.size() > kMaxNames) names_.clear();
  for (const ReferenceAt& reference : ReferencesOf(content)) {
    if (reference.target.kind != RegistrationKind::kOrganisation ||
        names_.contains(reference.target)) {
      continue;
    }
    auto head = store_.GetHead(reference.target);
    if (absl::IsNotFound(head.status())) continue;
    if (!head.ok()) return head.status();
    names_[reference.target] = std::move(head->title);
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
