#include "algoregister/matching/proposals.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/matching/title_words.h"
#include "algoregister/registration/content.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace limpid::algoregister {
namespace {

using Group = std::vector<const Candidate*>;

// Two bodies may have the same thing by chance of words.
constexpr std::size_t kGenericBodies = 5;

std::size_t BodiesOf(const Group& group) {
  std::set<std::optional<RegistrationId>> bodies;
  for (const Candidate* const one : group) bodies.insert(one->organisation);
  return bodies.size();
}

std::string IdOf(const Proposal& proposal) {
  base::Bytes text{static_cast<std::uint8_t>(proposal.reason)};
  for (const RegistrationId& id : proposal.registrations) {
    text.insert(text.end(), id.bytes.begin(), id.bytes.end());
  }
  constexpr std::size_t kIdBytes = 8;
  const base::Digest32 digest = crypto::Sha256(text);
  return base::HexEncode(base::ByteView(digest).first(kIdBytes));
}

// A system that some of them are of already, if it is one alone.
std::optional<RegistrationId> SystemOf(const Group& group) {
  std::set<RegistrationId> systems;
  for (const Candidate* const one : group) {
    if (one->system) systems.insert(*one->system);
  }
  if (systems.size() != 1) return std::nullopt;
  return *systems.begin();
}

// About those of `group`, in their order.
Proposal Propose(ProposalReason reason, const Group& group,
                 std::string vendor) {
  Proposal out;
  out.reason = reason;
  out.title = group.front()->title;
  out.vendor = std::move(vendor);
  out.system = SystemOf(group);
  for (const Candidate* const one : group) {
    out.registrations.push_back(one->registration);
    out.versions.push_back(one->number);
  }
  out.organisation_count = BodiesOf(group);
  out.id = IdOf(out);
  return out;
}

bool IsDone(const Group& group) {
  const auto system = SystemOf(group);
  return system && std::all_of(group.begin(), group.end(),
                               [&system](const Candidate* one) {
                                 return one->system == system;
                               });
}

// Title by title.
class Matcher {
 public:
  explicit Matcher(std::span<const Candidate> candidates) {
    for (const Candidate& one : candidates) {
      words_.Read(one.prose);
      // That their titles are gone makes two of them no more alike.
      if (one.title == kErasedTitle) continue;
      titles_[NormalTitle(one.title)].push_back(&one);
    }
  }

  Proposals Run() {
    for (const auto& [title, group] : titles_) {
      if (title.empty()) continue;
      MatchIds(group);
      Group active;
      std::copy_if(group.begin(), group.end(), std::back_inserter(active),
                   [](const Candidate* one) { return !one->retired; });
      if (BodiesOf(active) >= 2) MatchProduct(title, active);
    }
    Sort();
    return std::move(out_);
  }

 private:
  // The longest groups of one vendor first, then what the title itself says.
  void MatchProduct(const std::string& title, const Group& group) {
    std::map<std::string, Group> vendors;
    for (const Candidate* const one : group) {
      const std::string vendor = NormalTitle(one->vendor);
      if (!vendor.empty()) vendors[vendor].push_back(one);
    }
    const bool product = IsProduct(title, group);
    if (product && vendors.size() <= 1) {
      return Add(ProposalReason::kProductName, group,
                 vendors.empty() ? std::string()
                                 : vendors.begin()->second.front()->vendor);
    }
    for (const auto& [vendor, same] : vendors) {
      if (BodiesOf(same) >= 2) {
        Add(ProposalReason::kSameVendor, same, same.front()->vendor);
      }
    }
    if (!product && BodiesOf(group) >= kGenericBodies) {
      out_.generic.push_back({.title = group.front()->title,
                              .registration_count = group.size(),
                              .organisation_count = BodiesOf(group)});
    }
  }

  [[nodiscard]] bool IsProduct(const std::string& title,
                               const Group& group) const {
    if (IsKnownGenericTitle(title)) return false;
    for (const Candidate* const one : group) {
      for (const std::string& word : WordsOf(one->title)) {
        if (words_.IsName(word)) return true;
      }
    }
    return false;
  }

  // One body, one title, two registrations of one foreign register, and the
  // second came after the first was last heard of.
  void MatchIds(const Group& group) {
    std::map<std::pair<RegistrationId, std::string>, Group> bodies;
    for (const Candidate* const one : group) {
      if (!one->organisation) continue;
      for (const std::string& scheme : one->schemes) {
        bodies[{*one->organisation, scheme}].push_back(one);
      }
    }
    for (auto& [body, same] : bodies) {
      if (same.size() != 2) continue;
      std::sort(same.begin(), same.end(),
                [](const auto* left, const auto* right) {
                  return left->first < right->first;
                });
      const Candidate& older = *same.front();
      const Candidate& newer = *same.back();
      if (newer.retired || older.retired || newer.first <= older.newest) {
        continue;
      }
      out_.proposals.push_back(Propose(ProposalReason::kNewId, same, {}));
    }
  }

  void Add(ProposalReason reason, const Group& group, std::string vendor) {
    if (IsDone(group)) return;
    Group ordered = group;
    std::sort(ordered.begin(), ordered.end(),
              [](const auto* left, const auto* right) {
                return left->registration < right->registration;
              });
    Proposal proposal = Propose(reason, ordered, std::move(vendor));
    proposal.title = group.front()->title;
    out_.proposals.push_back(std::move(proposal));
  }

  void Sort() {
    std::sort(out_.proposals.begin(), out_.proposals.end(),
              [](const Proposal& left, const Proposal& right) {
                return std::make_tuple(right.registrations.size(), left.id) <
                       std::make_tuple(left.registrations.size(), right.id);
              });
    std::sort(out_.generic.begin(), out_.generic.end(),
              [](const GenericTitle& left, const GenericTitle& right) {
                return left.registration_count > right.registration_count;
              });
  }

  WordUse words_;
  std::map<std::string, Group> titles_;
  Proposals out_;
};

absl::Status TooMany() {
  return absl::ResourceExhaustedError(absl::StrCat(
      "the register has more than ", kMaxCandidates,
      " deployments, too many to compare at once; look for those you keep "
      "with a search"));
}

std::string VendorOf(const json::Value& content) {
  const json::Value* const suppliers = GivenValue(content, "suppliers");
  if (suppliers == nullptr || !suppliers->is_array() ||
      suppliers->size() == 0) {
    return {};
  }
  auto name = suppliers->elements().front().GetString("name");
  return name.ok() ? *std::move(name) : std::string();
}

absl::StatusOr<Candidate> CandidateOf(const RegistrationStore& store,
                                      const Head& head) {
  LIMPID_ASSIGN_OR_RETURN(const Version version,
                          store.Get(head.registration, 0));
  const json::Value content = ContentOf(version);
  Candidate out;
  out.registration = head.registration;
  out.number = version.number;
  out.title = head.title;
  out.organisation = head.organisation;
  out.retired = head.state == RegistrationState::kRetired;
  out.vendor = VendorOf(content);
  out.prose = TextOf(content, "goal", "nl");
  out.newest = out.first = version.draft_time;
  if (const json::Value* const system = GivenValue(content, "system")) {
    const auto id = RegistrationId::Parse(system->is_string() ? system->string()
                                                              : std::string());
    if (id.ok()) out.system = *id;
  }
  for (const Alias& alias : AliasesOf(content)) {
    out.schemes.push_back(alias.scheme);
  }
  if (version.number == 1) return out;
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> first,
                          store.History(head.registration, 0, 1));
  if (!first.empty()) out.first = first.front().draft_time;
  return out;
}

}  // namespace

Proposals Match(std::span<const Candidate> candidates) {
  return Matcher(candidates).Run();
}

absl::StatusOr<std::vector<Candidate>> CandidatesOf(
    const RegistrationStore& store) {
  constexpr std::size_t kPage = 500;
  ListFilter filter;
  filter.kind = RegistrationKind::kDeployment;
  filter.include_retired = true;
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t count, store.Count(filter));
  if (count > kMaxCandidates) return TooMany();
  std::vector<Candidate> out;
  std::optional<ListCursor> after;
  while (true) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Head> heads,
                            store.List(filter, after, kPage));
    // Some may have come meanwhile.
    if (out.size() + heads.size() > kMaxCandidates) return TooMany();
    for (const Head& head : heads) {
      LIMPID_ASSIGN_OR_RETURN(Candidate one, CandidateOf(store, head));
      out.push_back(std::move(one));
    }
    if (heads.size() < kPage) break;
    after = ListCursor{.title_key = FoldTitle(heads.back().title),
                       .registration = heads.back().registration};
  }
  return out;
}

}  // namespace limpid::algoregister
