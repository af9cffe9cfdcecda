// Reads the MIM5 documents that a vendor or a register serves, from an address
// or a folder. What it reads is nobody's friend: sizes are capped, nothing is
// followed to another host, and no address inside the own network is asked.

#ifndef LIMPID_CLIENTS_CLI_MIM5_READER_H_
#define LIMPID_CLIENTS_CLI_MIM5_READER_H_

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/mim5/document.h"
#include "common/mim5/tender.h"

namespace limpid::cli {

// Addresses of certificates that one check asks.
inline constexpr std::size_t kMaxLinksAsked = 100;

struct UnreadDocument {
  mim5::Document document = mim5::Document::kIndex;
  // Why it does not count, in words.
  std::string fault;
};

struct Mim5Reading {
  // Those that were read and are valid, the index among them.
  mim5::Documents documents;
  std::vector<UnreadDocument> unread;
};

// Gives the bytes behind a relative reference of an index, at most so many.
using FetchBeside = std::function<absl::StatusOr<std::string>(
    std::string_view reference, std::size_t max_bytes)>;

// Whether an index may lead there: a relative reference below its own folder,
// of letters, digits and "._-/", without "..".
bool IsBeside(std::string_view reference);

// Reads an index and what it leads to.
//
// Errors:
//   kInvalidArgument, kResourceExhausted  the index is none.
absl::StatusOr<Mim5Reading> ReadMim5(std::string_view index_text,
                                     const FetchBeside& fetch);

// `target` is an https address of an index, or a file. `ca_pem` as HttpsClient.
//
// Errors: further
//   kInvalidArgument     another scheme.
//   kNotFound            no such file.
//   kFailedPrecondition  the server is not trusted, or it redirects, which is
//                        not followed; and those of HttpsClient.
absl::StatusOr<Mim5Reading> ReadMim5From(const std::string& target,
                                         const std::string& ca_pem);

struct AskedLinks {
  // Over https with a status below 400.
  std::set<std::string, std::less<>> answered;
  // Behind the first kMaxLinksAsked.
  std::set<std::string, std::less<>> unasked;
};

// For tests alone.
struct AskOptions {
  bool private_addresses = false;
  // PEM of CAs to trust instead of the system's.
  std::string ca_pem;
};

// Asks addresses whether they answer, the first kMaxLinksAsked by their bytes.
// An address inside a private network is not asked and does not answer.
AskedLinks AskLinks(const std::set<std::string, std::less<>>& links,
                    const AskOptions& options = {});

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_MIM5_READER_H_
