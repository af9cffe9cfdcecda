// RFC 6962 as the standard writes it: recursion over the whole list of leaves.
// Slow, and so plain that it can be compared with the text of the RFC.

#ifndef LIMPID_TESTS_UNIT_TLOG_REFERENCE_TREE_H_
#define LIMPID_TESTS_UNIT_TLOG_REFERENCE_TREE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"

namespace limpid::tlog::reference {

using Leaves = std::span<const base::Bytes>;
using Proof = std::vector<base::Digest32>;

inline base::Digest32 Hash(std::uint8_t prefix,
                           std::initializer_list<base::ByteView> parts) {
  base::Bytes input = {prefix};
  for (const base::ByteView part : parts) {
    input.insert(input.end(), part.begin(), part.end());
  }
  return crypto::Sha256(input);
}

// The largest power of two smaller than n.
inline std::size_t Split(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

inline base::Digest32 Root(Leaves d) {
  if (d.empty()) return crypto::Sha256(base::ByteView{});
  if (d.size() == 1) return Hash(0x00, {d[0]});
  const std::size_t k = Split(d.size());
  return Hash(0x01, {Root(d.first(k)), Root(d.subspan(k))});
}

inline Proof Path(std::size_t m, Leaves d) {
  if (d.size() == 1) return {};
  const std::size_t k = Split(d.size());
  Proof path = m < k ? Path(m, d.first(k)) : Path(m - k, d.subspan(k));
  path.push_back(m < k ? Root(d.subspan(k)) : Root(d.first(k)));
  return path;
}

inline Proof SubProof(std::size_t m, Leaves d, bool whole) {
  if (m == d.size()) return whole ? Proof{} : Proof{Root(d)};
  const std::size_t k = Split(d.size());
  Proof proof = m <= k ? SubProof(m, d.first(k), whole)
                       : SubProof(m - k, d.subspan(k), false);
  proof.push_back(m <= k ? Root(d.subspan(k)) : Root(d.first(k)));
  return proof;
}

inline Proof Consistency(std::size_t m, Leaves d) {
  return SubProof(m, d, true);
}

}  // namespace limpid::tlog::reference

#endif  // LIMPID_TESTS_UNIT_TLOG_REFERENCE_TREE_H_
