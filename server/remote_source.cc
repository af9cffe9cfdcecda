#include "server/remote_source.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/id.h"
#include "common/base/text.h"

namespace limpid::server {
namespace {

absl::Status Refused(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("consent.sources: ", base::ToAbsl(why)));
}

}  // namespace

absl::StatusOr<RemoteSource> ParseRemoteSource(std::string_view text) {
  std::array<std::string_view, 3> words;
  for (std::string_view& word : words) {
    const std::size_t end = std::min(text.find(' '), text.size());
    word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  RemoteSource out;
  if (!base::ParseIdText("src", words[0]).ok()) {
    return Refused("begins with no id like src_...");
  }
  out.id = std::string(words[0]);
  const auto key = base::HexDecode(words[1]);
  if (!key.ok() || key->size() != out.key.size()) {
    return Refused("the key is not 64 hex digits");
  }
  std::copy(key->begin(), key->end(), out.key.begin());
  if (words[2].find(':') == std::string_view::npos) {
    return Refused("the address is not host:port");
  }
  out.address = std::string(words[2]);
  if (text.empty()) return Refused("a source has no name");
  out.name = std::string(text);
  return out;
}

absl::StatusOr<std::vector<base::Digest32>> ParseAuditors(
    const std::vector<std::string>& texts) {
  std::vector<base::Digest32> out;
  for (const std::string& text : texts) {
    const auto key = base::HexDecode(text);
    if (!key.ok() || key->size() != base::Digest32{}.size()) {
      return absl::InvalidArgumentError(
          "consent.auditors: a key is not 64 hex digits");
    }
    std::copy(key->begin(), key->end(), out.emplace_back().begin());
  }
  return out;
}

}  // namespace limpid::server
