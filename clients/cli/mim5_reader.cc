#include "clients/cli/mim5_reader.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/http/https_client.h"
#include "common/json/value.h"

namespace limpid::cli {
namespace {

// A vendor's server answers in this time or not.
constexpr absl::Duration kStep = absl::Seconds(15);
constexpr absl::Duration kTotal = absl::Seconds(30);
constexpr absl::Duration kLinkTotal = absl::Seconds(15);
constexpr int kOk = 200;
constexpr int kRedirect = 300;
constexpr int kFault = 400;

absl::StatusOr<std::string> Get(http::HttpsClient& client,
                                const std::string& path,
                                std::size_t max_bytes) {
  LIMPID_ASSIGN_OR_RETURN(http::HttpResponse response,
                          client.Get(path, max_bytes));
  if (response.status == kOk) return std::move(response.body);
  if (response.status >= kRedirect && response.status < kFault) {
    return absl::FailedPreconditionError(
        "the server redirects, which is not followed; give the address it "
        "redirects to if you trust it");
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the server answered with status ", response.status));
}

// The answer that an index about `subject` names, read and held against schema,
// digest and subject.
absl::StatusOr<json::Value> ReadAnswer(mim5::Document document,
                                       const json::Value& entry,
                                       const json::Value& subject,
                                       const FetchBeside& fetch) {
  LIMPID_ASSIGN_OR_RETURN(const std::string schema, entry.GetString("schema"));
  if (schema != mim5::SchemaNameOf(document)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the index names another schema than ", mim5::SchemaNameOf(document)));
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string href, entry.GetString("href"));
  if (!IsBeside(href)) {
    return absl::InvalidArgumentError(
        "the index leads elsewhere than beside itself; that is not followed");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string text,
                          fetch(href, mim5::kMaxDocumentBytes));
  LIMPID_ASSIGN_OR_RETURN(json::Value answer,
                          mim5::ReadDocument(document, text));
  const json::Value* const digest = entry.Find("digest");
  if (digest != nullptr && *digest != json::Value(mim5::DigestOf(answer))) {
    return absl::InvalidArgumentError(
        "it is not what the index has a digest of");
  }
  // Another's certificates are valid documents too.
  if (answer.Find("subject") == nullptr || *answer.Find("subject") != subject) {
    return absl::InvalidArgumentError("it is about something else");
  }
  return answer;
}

// "https://host/a?b#c" as address and what is asked for.
absl::StatusOr<std::pair<http::Url, std::string>> ParseLink(
    std::string_view link) {
  const std::string_view whole = link.substr(0, link.find('#'));
  const std::size_t mark = whole.find('?');
  LIMPID_ASSIGN_OR_RETURN(http::Url url, http::ParseUrl(whole.substr(0, mark)));
  std::string path = url.path;
  if (mark != std::string_view::npos) path += whole.substr(mark);
  const bool plain = std::all_of(path.begin(), path.end(),
                                 [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return absl::InvalidArgumentError("not such an address");
  return std::pair(std::move(url), std::move(path));
}

bool Answers(std::string_view link, const AskOptions& ask) {
  constexpr std::size_t kEnough = std::size_t{64} << 10U;
  const auto parts = ParseLink(link);
  if (!parts.ok()) return false;
  http::HttpsClientOptions options;
  options.host = parts->first.host;
  options.port = parts->first.port;
  options.step_timeout = kLinkTotal;
  options.total_timeout = kLinkTotal;
  options.ca_pem = ask.ca_pem;
  options.public_addresses_only = !ask.private_addresses;
  const auto client = http::HttpsClient::Create(std::move(options));
  if (!client.ok()) return false;
  // Of a long certificate, as of a long "not found", the status counts.
  const auto response =
      (*client)->Send({.path = parts->second, .max_bytes = kEnough});
  return response.ok() && response->status >= kOk && response->status < kFault;
}

}  // namespace

bool IsBeside(std::string_view reference) {
  if (reference.empty() || reference.front() == '/') return false;
  const bool known =
      std::all_of(reference.begin(), reference.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
               c == '/';
      });
  return known && reference.find("..") == std::string_view::npos;
}

absl::StatusOr<Mim5Reading> ReadMim5(std::string_view index_text,
                                     const FetchBeside& fetch) {
  Mim5Reading out;
  LIMPID_ASSIGN_OR_RETURN(
      json::Value index,
      mim5::ReadDocument(mim5::Document::kIndex, index_text));
  LIMPID_ASSIGN_OR_RETURN(const json::Value subject,
                          index.GetObject("subject"));
  for (const mim5::Document document : mim5::kAnswers) {
    const json::Value* const entry = index.Find(mim5::IndexMemberOf(document));
    auto answer = entry == nullptr
                      ? absl::NotFoundError("the index does not name it")
                      : ReadAnswer(document, *entry, subject, fetch);
    if (answer.ok()) {
      out.documents.emplace(document, *std::move(answer));
    } else {
      out.unread.push_back(
          {document, std::string(base::ToStd(answer.status().message()))});
    }
  }
  out.documents.emplace(mim5::Document::kIndex, std::move(index));
  return out;
}

absl::StatusOr<Mim5Reading> ReadMim5From(const std::string& target,
                                         const std::string& ca_pem) {
  if (!target.starts_with("https://")) {
    if (target.find("://") != std::string::npos) {
      return absl::InvalidArgumentError(
          "give an https address, or a file: nothing else is read");
    }
    const std::filesystem::path file(target);
    const auto read = [](const std::filesystem::path& path,
                         std::size_t max_bytes) -> absl::StatusOr<std::string> {
      LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                              base::ReadFileBytes(path, max_bytes));
      return base::ToText(bytes);
    };
    LIMPID_ASSIGN_OR_RETURN(const std::string index,
                            read(file, mim5::kMaxDocumentBytes));
    return ReadMim5(index, [&](std::string_view reference, std::size_t most) {
      return read(file.parent_path() / reference, most);
    });
  }
  LIMPID_ASSIGN_OR_RETURN(const http::Url url, http::ParseUrl(target));
  http::HttpsClientOptions options;
  options.host = url.host;
  options.port = url.port;
  options.ca_pem = ca_pem;
  options.step_timeout = kStep;
  options.total_timeout = kTotal;
  LIMPID_ASSIGN_OR_RETURN(const auto client,
                          http::HttpsClient::Create(std::move(options)));
  LIMPID_ASSIGN_OR_RETURN(const std::string index,
                          Get(*client, url.path, mim5::kMaxDocumentBytes));
  const std::string folder = url.path.substr(0, url.path.rfind('/') + 1);
  return ReadMim5(index, [&](std::string_view reference, std::size_t most) {
    return Get(*client, folder + std::string(reference), most);
  });
}

AskedLinks AskLinks(const std::set<std::string, std::less<>>& links,
                    const AskOptions& options) {
  AskedLinks out;
  std::size_t asked = 0;
  for (const std::string& link : links) {
    if (asked++ >= kMaxLinksAsked) {
      out.unasked.insert(link);
    } else if (Answers(link, options)) {
      out.answered.insert(link);
    }
  }
  return out;
}

}  // namespace limpid::cli
