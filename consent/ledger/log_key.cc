#include "consent/ledger/log_key.h"

#include <algorithm>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNodeBytes = 8 + 1 + kKeyBytes;
constexpr std::uint64_t kBranches = 4;
constexpr std::string_view kLabel = "limpid/consent-log-key/1";

struct Node {
  std::uint64_t first = 0;
  std::uint8_t level = 0;
};

// Numbers below a node of the level.
std::uint64_t WidthOf(unsigned level) {
  return std::uint64_t{1} << (2 * (LogKey::kLevels - level));
}

base::ByteView NodeAt(const base::SecretBytes& nodes, std::size_t place) {
  return nodes.Reveal(base::SecretAccess::Get())
      .subspan(place * kNodeBytes, kNodeBytes);
}

Node ReadNode(base::ByteView bytes) {
  Node out;
  for (std::size_t i = 0; i < 8; ++i) out.first = out.first << 8U | bytes[i];
  out.level = bytes[8];
  return out;
}

base::ByteView KeyIn(base::ByteView node) { return node.last(kKeyBytes); }

void WriteNode(std::span<std::uint8_t> out, const Node& node,
               const base::SecretBytes& key) {
  for (std::size_t i = 0; i < 8; ++i) {
    out[i] = static_cast<std::uint8_t>(node.first >> (56 - 8 * i));
  }
  out[8] = node.level;
  const base::ByteView bytes = key.Reveal(base::SecretAccess::Get());
  std::copy(bytes.begin(), bytes.end(), out.begin() + 9);
}

base::SecretBytes Child(const base::SecretBytes& key, std::uint64_t branch) {
  const auto number = static_cast<std::uint8_t>(branch);
  base::Digest32 derived = crypto::KeyedBlake2b256(
      key, {base::AsBytes(kLabel), base::ByteView(&number, 1)});
  base::SecretBytes out = base::SecretBytes::Copy(derived);
  base::Wipe(derived);
  return out;
}

// Which branch below `node` leads to `number`.
std::uint64_t BranchOf(const Node& node, std::uint64_t number) {
  return (number - node.first) / WidthOf(node.level + 1U);
}

Node ChildOf(const Node& node, std::uint64_t branch) {
  return {node.first + branch * WidthOf(node.level + 1U),
          static_cast<std::uint8_t>(node.level + 1)};
}

struct KeyedNode {
  Node node;
  base::SecretBytes key;
};

// Goes down from `at` towards `number`, to `level`.
void Descend(KeyedNode& at, std::uint64_t number, unsigned level) {
  while (at.node.level < level) {
    const std::uint64_t branch = BranchOf(at.node, number);
    at.key = Child(at.key, branch);
    at.node = ChildOf(at.node, branch);
  }
}

// Adds what covers the numbers of `from` but `number`, up to `newest`.
void Split(KeyedNode from, std::uint64_t number, std::uint64_t newest,
           std::vector<KeyedNode>& out) {
  const Node node = from.node;
  if (node.first > newest) return;
  const std::uint64_t last = node.first + (WidthOf(node.level) - 1);
  const bool holds = node.first <= number && number <= last;
  if (!holds && last <= newest) {
    out.push_back(std::move(from));
    return;
  }
  if (node.level == LogKey::kLevels) return;
  for (std::uint64_t branch = 0; branch < kBranches; ++branch) {
    Split({ChildOf(node, branch), Child(from.key, branch)}, number, newest,
          out);
  }
}

base::SecretBytes Encode(const std::vector<KeyedNode>& nodes) {
  base::SecretBytes out(nodes.size() * kNodeBytes);
  std::span<std::uint8_t> at = out.RevealMutable(base::SecretAccess::Get());
  for (const KeyedNode& one : nodes) {
    WriteNode(at, one.node, one.key);
    at = at.subspan(kNodeBytes);
  }
  return out;
}

base::SecretBytes FreshKey() {
  base::SecretBytes out(kKeyBytes);
  crypto::FillRandom(out.RevealMutable(base::SecretAccess::Get()));
  return out;
}

}  // namespace

LogKey LogKey::Make() {
  std::vector<KeyedNode> nodes;
  nodes.push_back({{}, FreshKey()});
  return LogKey(Encode(nodes));
}

absl::StatusOr<LogKey> LogKey::Decode(base::SecretBytes bytes) {
  const auto damaged = [] {
    return absl::DataLossError("a person's log key is damaged");
  };
  if (bytes.size() % kNodeBytes != 0) return damaged();
  std::uint64_t least = 0;
  for (std::size_t i = 0; i < bytes.size() / kNodeBytes; ++i) {
    const Node node = ReadNode(NodeAt(bytes, i));
    if (node.level > kLevels || node.first < least ||
        node.first >= WidthOf(0)) {
      return damaged();
    }
    least = node.first + WidthOf(node.level);
  }
  return LogKey(std::move(bytes));
}

std::size_t LogKey::node_count() const { return nodes_.size() / kNodeBytes; }

std::size_t LogKey::Find(std::uint64_t number) const {
  std::size_t low = 0;
  std::size_t high = node_count();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const Node node = ReadNode(NodeAt(nodes_, middle));
    if (number < node.first) {
      high = middle;
    } else if (number - node.first >= WidthOf(node.level)) {
      low = middle + 1;
    } else {
      return middle;
    }
  }
  return node_count();
}

bool LogKey::Has(std::uint64_t number) const {
  return Find(number) < node_count();
}

absl::StatusOr<base::SecretBytes> LogKey::KeyOf(std::uint64_t number) const {
  const std::size_t place = Find(number);
  if (place == node_count()) {
    return absl::NotFoundError("the entry's key was destroyed");
  }
  const base::ByteView bytes = NodeAt(nodes_, place);
  KeyedNode at{ReadNode(bytes), base::SecretBytes::Copy(KeyIn(bytes))};
  Descend(at, number, kLevels);
  return std::move(at.key);
}

absl::StatusOr<base::SecretBytes> EntryKeys::KeyOf(std::uint64_t number) {
  if (of_ == nullptr) return absl::NotFoundError("the person has no log key");
  KeyedNode at;
  if (!kept_.empty() && number - first_ < WidthOf(kKeptLevel)) {
    at = {{first_, kKeptLevel}, kept_.Clone()};
  } else {
    const std::size_t place = of_->Find(number);
    if (place == of_->node_count()) return of_->KeyOf(number);
    const base::ByteView bytes = NodeAt(of_->nodes_, place);
    at = {ReadNode(bytes), base::SecretBytes::Copy(KeyIn(bytes))};
    // Lower down, its neighbours may have lost their keys.
    if (asked_ && at.node.level <= kKeptLevel) {
      Descend(at, number, kKeptLevel);
      first_ = at.node.first;
      kept_ = at.key.Clone();
    }
    asked_ = true;
  }
  Descend(at, number, LogKey::kLevels);
  return std::move(at.key);
}

absl::StatusOr<LogKey> LogKey::Without(std::uint64_t number,
                                       std::uint64_t newest) const {
  if (!Has(number)) return LogKey(nodes_.Clone());
  std::vector<KeyedNode> nodes;
  for (std::size_t i = 0; i < node_count(); ++i) {
    const base::ByteView bytes = NodeAt(nodes_, i);
    Split({ReadNode(bytes), base::SecretBytes::Copy(KeyIn(bytes))}, number,
          newest, nodes);
  }
  nodes.push_back({{newest + 1, 0}, FreshKey()});
  if (nodes.size() > kMaxNodes) {
    return absl::ResourceExhaustedError(
        "too many separate entries of this log are erased; entries beside "
        "erased ones can still be");
  }
  return LogKey(Encode(nodes));
}

LogKey LogKey::From(std::uint64_t number) const {
  std::vector<KeyedNode> nodes;
  for (std::size_t i = 0; i < node_count(); ++i) {
    const base::ByteView bytes = NodeAt(nodes_, i);
    const Node node = ReadNode(bytes);
    if (node.first + (WidthOf(node.level) - 1) < number) continue;
    nodes.push_back({node, base::SecretBytes::Copy(KeyIn(bytes))});
  }
  return LogKey(Encode(nodes));
}

}  // namespace limpid::consent
