#include "common/tlog/policy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::tlog {
namespace {

constexpr std::string_view kNone = "none";

// The fields of one line, split at spaces and tabs.
std::vector<std::string_view> Fields(std::string_view line) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string_view> fields;
  for (std::size_t begin = line.find_first_not_of(kBlank);
       begin != std::string_view::npos;
       begin = line.find_first_not_of(kBlank, begin)) {
    const std::size_t end =
        std::min(line.find_first_of(kBlank, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return fields;
}

// Octets the specification allows: tab, newline, printable ASCII, the rest.
bool IsPolicyText(std::string_view text) {
  constexpr unsigned char kSpace = 0x20;
  constexpr unsigned char kDelete = 0x7F;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '\t' || c == '\n' || (octet >= kSpace && octet != kDelete);
  });
}

// Cosignatures have a type of their own, so a log's key cannot pass for a
// witness's.
bool IsLogSignature(const VerifiedSignature& signature) {
  return signature.algorithm == NoteAlgorithm::kEd25519;
}

bool IsBy(const VerifiedSignature& signature, const NoteVerifier& key) {
  return signature.key_id == key.key_id() && signature.name == key.name() &&
         signature.algorithm == key.algorithm();
}

}  // namespace

// Reads a policy file line by line; names may only be used after the line that
// defines them, which also rules out circles.
class PolicyParser {
 public:
  absl::StatusOr<Policy> Parse(std::string_view text);

 private:
  using FieldSpan = std::span<const std::string_view>;

  absl::Status Line(FieldSpan fields);
  absl::Status AddLog(FieldSpan fields);
  absl::Status AddWitness(FieldSpan fields);
  absl::Status AddGroup(FieldSpan fields);
  absl::Status SetQuorum(FieldSpan fields);
  static absl::StatusOr<NoteVerifier> Key(
      std::string_view vkey, NoteAlgorithm algorithm,
      const std::vector<Policy::Peer>& others);
  absl::Status Define(Policy::Member member);

  Policy policy_;
  std::map<std::string, std::size_t, std::less<>> names_;
  std::set<std::size_t> used_as_member_;
  bool has_quorum_ = false;
};

absl::StatusOr<Policy> PolicyParser::Parse(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) {
    return absl::InvalidArgumentError("the policy is too long");
  }
  if (!IsPolicyText(text) || !text.ends_with('\n')) {
    return absl::InvalidArgumentError(
        "the policy is not lines of text, each ended by a newline");
  }
  for (std::size_t number = 1; !text.empty(); ++number) {
    if (number > kMaxPolicyLines) {
      return absl::InvalidArgumentError("the policy has too many lines");
    }
    const std::size_t end = text.find('\n');
    const std::vector<std::string_view> fields = Fields(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (fields.empty() || fields.front().starts_with('#')) continue;
    const absl::Status status = Line(fields);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("policy line ", number, ": ", status.message()));
    }
  }
  if (!has_quorum_) {
    return absl::InvalidArgumentError("the policy has no quorum line");
  }
  return std::move(policy_);
}

absl::Status PolicyParser::Line(FieldSpan fields) {
  const std::string_view word = fields.front();
  const FieldSpan rest = fields.subspan(1);
  if (word == "log") return AddLog(rest);
  if (word == "witness") return AddWitness(rest);
  if (word == "group") return AddGroup(rest);
  if (word == "quorum") return SetQuorum(rest);
  return absl::InvalidArgumentError("unknown word");
}

absl::StatusOr<NoteVerifier> PolicyParser::Key(
    std::string_view vkey, NoteAlgorithm algorithm,
    const std::vector<Policy::Peer>& others) {
  LIMPID_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::Parse(vkey));
  if (verifier.algorithm() != algorithm) {
    return absl::InvalidArgumentError("a key of the wrong type");
  }
  const bool duplicate =
      std::any_of(others.begin(), others.end(), [&](const Policy::Peer& peer) {
        return peer.verifier.key().bytes == verifier.key().bytes;
      });
  if (duplicate) return absl::InvalidArgumentError("a key stands twice");
  return verifier;
}

absl::Status PolicyParser::AddLog(FieldSpan fields) {
  if (fields.empty() || fields.size() > 2) {
    return absl::InvalidArgumentError("want: log VKEY [URL]");
  }
  LIMPID_ASSIGN_OR_RETURN(
      NoteVerifier verifier,
      Key(fields[0], NoteAlgorithm::kEd25519, policy_.logs_));
  policy_.logs_.push_back(
      {std::move(verifier), std::string(fields.size() > 1 ? fields[1] : "")});
  return absl::OkStatus();
}

absl::Status PolicyParser::AddWitness(FieldSpan fields) {
  if (fields.size() < 2 || fields.size() > 3) {
    return absl::InvalidArgumentError("want: witness NAME VKEY [URL]");
  }
  LIMPID_ASSIGN_OR_RETURN(
      NoteVerifier verifier,
      Key(fields[1], NoteAlgorithm::kCosignatureV1, policy_.witnesses_));
  Policy::Member member;
  member.name = std::string(fields[0]);
  member.witness = policy_.witnesses_.size();
  policy_.witnesses_.push_back(
      {std::move(verifier), std::string(fields.size() > 2 ? fields[2] : "")});
  return Define(std::move(member));
}

absl::Status PolicyParser::AddGroup(FieldSpan fields) {
  if (fields.size() < 3) {
    return absl::InvalidArgumentError("want: group NAME K|any|all MEMBER...");
  }
  Policy::Member group;
  group.name = std::string(fields[0]);
  for (const std::string_view name : fields.subspan(2)) {
    const auto found = names_.find(name);
    if (found == names_.end()) {
      return absl::InvalidArgumentError("a member that no line above defines");
    }
    if (!used_as_member_.insert(found->second).second) {
      return absl::InvalidArgumentError("a member of two groups");
    }
    group.members.push_back(found->second);
  }
  if (fields[1] == "any") {
    group.threshold = 1;
  } else if (fields[1] == "all") {
    group.threshold = group.members.size();
  } else {
    const auto threshold = ParseDecimal(fields[1]);
    if (!threshold.ok() || *threshold == 0 ||
        *threshold > group.members.size()) {
      return absl::InvalidArgumentError(
          "a threshold outside 1 to the number of members");
    }
    group.threshold = static_cast<std::size_t>(*threshold);
  }
  return Define(std::move(group));
}

absl::Status PolicyParser::Define(Policy::Member member) {
  if (member.name == kNone ||
      !names_.emplace(member.name, policy_.members_.size()).second) {
    return absl::InvalidArgumentError("a name that is taken");
  }
  policy_.members_.push_back(std::move(member));
  return absl::OkStatus();
}

absl::Status PolicyParser::SetQuorum(FieldSpan fields) {
  if (fields.size() != 1 || has_quorum_) {
    return absl::InvalidArgumentError("want one line: quorum NAME|none");
  }
  has_quorum_ = true;
  if (fields[0] == kNone) return absl::OkStatus();
  const auto found = names_.find(fields[0]);
  if (found == names_.end()) {
    return absl::InvalidArgumentError("a quorum that no line above defines");
  }
  policy_.quorum_ = found->second;
  return absl::OkStatus();
}

absl::StatusOr<Policy> Policy::Parse(std::string_view text) {
  return PolicyParser().Parse(text);
}

absl::StatusOr<Policy> Policy::ForLog(std::string_view vkey) {
  LIMPID_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::Parse(vkey));
  if (verifier.algorithm() != NoteAlgorithm::kEd25519) {
    return absl::InvalidArgumentError(
        "this vkey is a witness's; give that of the log");
  }
  Policy policy;
  policy.logs_.push_back({std::move(verifier), ""});
  return policy;
}

absl::StatusOr<Checkpoint> Policy::Open(std::string_view note) const {
  LIMPID_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  LIMPID_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(parsed.text));
  // Only keys that go by the origin's name speak for the log.
  std::vector<NoteVerifier> known;
  for (const Peer& log : logs_) {
    if (log.verifier.name() == checkpoint.origin) known.push_back(log.verifier);
  }
  if (known.empty()) {
    return absl::DataLossError(
        "the checkpoint is of a log that the trust anchor does not name");
  }
  for (const Peer& witness : witnesses_) known.push_back(witness.verifier);
  LIMPID_ASSIGN_OR_RETURN(const std::vector<VerifiedSignature> signatures,
                          VerifyNote(parsed, known));
  if (std::none_of(signatures.begin(), signatures.end(), IsLogSignature)) {
    return absl::DataLossError("the log did not sign the checkpoint");
  }
  if (!Reached(signatures)) {
    return absl::DataLossError(
        "too few witnesses of the policy cosigned the checkpoint");
  }
  return checkpoint;
}

bool Policy::Reached(const std::vector<VerifiedSignature>& signatures) const {
  if (!quorum_) return true;
  // Members only name earlier ones, so one pass in order decides all.
  std::vector<bool> witnessed(members_.size());
  for (std::size_t i = 0; i <= *quorum_; ++i) {
    const Member& member = members_[i];
    if (member.threshold == 0) {
      const NoteVerifier& key = witnesses_[member.witness].verifier;
      witnessed[i] = std::any_of(signatures.begin(), signatures.end(),
                                 [&](const VerifiedSignature& signature) {
                                   return IsBy(signature, key);
                                 });
    } else {
      const auto count =
          std::count_if(member.members.begin(), member.members.end(),
                        [&](std::size_t other) { return witnessed[other]; });
      witnessed[i] = static_cast<std::size_t>(count) >= member.threshold;
    }
  }
  return witnessed[*quorum_];
}

}  // namespace limpid::tlog
