// Whether the addresses that registrations give still answer, and whether what
// is there is what the digest beside the address says. Runs on the machine of
// whoever asks, once, politely: each address is asked once, one at a time per
// host, and nothing is tried again.

#ifndef LIMPID_CLIENTS_CPP_LINK_CHECK_H_
#define LIMPID_CLIENTS_CPP_LINK_CHECK_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/json/value.h"

namespace limpid::client {

enum class LinkState {
  // 200 to 299.
  kAlive,
  // 300 to 399: it answers, and sends on to elsewhere, where nobody looked.
  kMoved,
  // 404 or 410.
  kGone,
  // Another status.
  kRefused,
  // No connection, no answer in time, or an answer that broke off.
  kUnreachable,
  // Its certificate is not trusted or not for this host, or it speaks no TLS
  // 1.3.
  kUntrusted,
  // An address within a private network; not asked.
  kPrivate,
  // Neither asked nor wrong: "http://", which this client does not speak; what
  // was left when time was over, or when its host had been silent too often.
  kNotChecked,
  // No address at all.
  kMalformed,
};

// "alive", "moved", ...
std::string_view LinkStateName(LinkState state);

// An address and where it stands.
struct Link {
  std::string registration_id;
  // RFC 6901: "/fields/source_url".
  std::string pointer;
  std::string url;
  // "sha256:..." that the registration gives for what is there; may be empty.
  std::string digest = {};
};

// A host that lets so many addresses in a row wait in vain is asked no more, or
// one host could use up the time of all.
inline constexpr int kMaxSilences = 3;
// Longest file that is fetched to compare its digest.
inline constexpr std::size_t kMaxDigestedBytes = std::size_t{64} << 20U;

enum class DigestState {
  // No digest, no answer of 200 to 299, or nobody asked for it.
  kNotCompared,
  kMatches,
  kDiffers,
  // Longer than kMaxDigestedBytes.
  kTooLong,
};

// "not compared", "matches", ...
std::string_view DigestStateName(DigestState state);

struct CheckedLink {
  Link link;
  LinkState state = LinkState::kNotChecked;
  // Status of the answer; 0 without one.
  int status = 0;
  DigestState digest = DigestState::kNotCompared;
};

// The addresses of a content: every text of its fields that is one, those in
// lists of records included; in pointer order.
std::vector<Link> LinksOf(std::string_view registration_id,
                          const json::Value& content);

struct LinkCheckOptions {
  // For each address.
  absl::Duration timeout = absl::Seconds(10);
  // For all; what is left then was not checked.
  absl::Duration total = absl::Minutes(10);
  // Hosts asked at the same time.
  std::size_t concurrency = 4;
  // Fetches what has a digest, up to kMaxDigestedBytes, and compares it. Off, a
  // few bytes of every answer are read.
  bool digests = false;
  // For each address whose file is fetched whole.
  absl::Duration file_timeout = absl::Minutes(2);
  // Also addresses within private networks.
  bool private_addresses = false;
  // PEM of CAs to trust instead of the system's; for tests.
  std::string ca_pem;
};

// In the order of `links`; an address that stands in several places is asked
// once. `progress` is called from the calling thread with hosts done and in
// all.
std::vector<CheckedLink> CheckLinks(
    const std::vector<Link>& links, const LinkCheckOptions& options,
    absl::FunctionRef<void(std::size_t done, std::size_t total)> progress);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_LINK_CHECK_H_
