#include "algoregister/mim5/certification_index.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/mim5/stated.h"
#include "algoregister/registration/content.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

// Heads of a list, and versions of the log with their contents, that are in
// memory at once.
constexpr std::size_t kHeads = 500;
constexpr std::size_t kVersions = 16;

bool IsBefore(const Certificate& left, const Certificate& right) {
  return std::tie(left.title_key, left.registration) <
         std::tie(right.title_key, right.registration);
}

}  // namespace

const std::vector<Certificate>& Certificates::About(
    const RegistrationId& subject) const {
  static const std::vector<Certificate> kNone;
  const auto found = about_.find(subject);
  return found == about_.end() ? kNone : found->second;
}

bool Certificates::Refuse(const RegistrationId& subject) const {
  const std::vector<Certificate>& all = About(subject);
  return std::any_of(all.begin(), all.end(),
                     [](const Certificate& one) { return one.refuses; });
}

void Certificates::Take(const Version& version) {
  const RegistrationId& id = version.registration;
  for (const RegistrationId& subject : subjects_[id]) {
    std::erase_if(about_[subject], [&id](const Certificate& one) {
      return one.registration == id;
    });
  }
  subjects_.erase(id);
  if (version.state == RegistrationState::kRetired) return;
  const json::Value content = ContentOf(version);
  Certificate one;
  one.title_key = FoldTitle(ListTitleOf(content));
  one.registration = id;
  one.refuses = StatedCode(content, "result") == "validation_refused" &&
                StatedCode(content, "state") != "withdrawn";
  for (const std::string_view field : {"system", "deployment"}) {
    const auto subject = RegistrationId::Parse(StatedCode(content, field));
    if (!subject.ok()) continue;
    std::vector<Certificate>& all = about_[*subject];
    all.insert(std::upper_bound(all.begin(), all.end(), one, IsBefore), one);
    subjects_[id].push_back(*subject);
  }
}

absl::StatusOr<std::shared_ptr<const Certificates>>
CertificationIndex::Newest() {
  const base::MutexLock lock(mutex_);
  const bool is_old =
      kept_ != nullptr && clock_.Monotonic() >= read_all_at_ + kInterval;
  if (kept_ == nullptr || is_old) {
    LIMPID_RETURN_IF_ERROR(ReadAll());
  } else {
    LIMPID_RETURN_IF_ERROR(ReadNew());
  }
  return kept_;
}

absl::Status CertificationIndex::ReadAll() {
  const absl::Duration begun = clock_.Monotonic();
  // Taken first: what is logged meanwhile is taken in again.
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t size, store_.LoggedSize());
  auto made = std::make_shared<Certificates>();
  ListFilter filter;
  filter.kind = RegistrationKind::kCertification;
  std::optional<ListCursor> after;
  while (true) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Head> heads,
                            store_.List(filter, after, kHeads));
    for (const Head& head : heads) {
      LIMPID_ASSIGN_OR_RETURN(const Version version,
                              store_.Get(head.registration, 0));
      made->Take(version);
    }
    if (heads.size() < kHeads) break;
    after = ListCursor{.title_key = FoldTitle(heads.back().title),
                       .registration = heads.back().registration};
  }
  kept_ = std::move(made);
  size_ = size;
  read_all_at_ = begun;
  return absl::OkStatus();
}

absl::Status CertificationIndex::ReadNew() {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t size, store_.LoggedSize());
  // Whoever asked before goes on with what it was given.
  std::shared_ptr<Certificates> made;
  std::uint64_t next = size_;
  while (next < size) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> versions,
                            store_.LoggedFrom(next, kVersions));
    if (versions.empty()) break;
    for (const Version& version : versions) {
      next = std::max(next, version.leaf_index.value_or(next) + 1);
      if (version.registration.kind != RegistrationKind::kCertification) {
        continue;
      }
      if (made == nullptr) made = std::make_shared<Certificates>(*kept_);
      made->Take(version);
    }
  }
  if (made != nullptr) kept_ = std::move(made);
  size_ = std::max(next, size);
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
