#include "clients/cli/https_fetcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::cli {

absl::StatusOr<std::unique_ptr<HttpsFetcher>> HttpsFetcher::Create(
    std::string_view url, std::string ca_pem) {
  LIMPID_ASSIGN_OR_RETURN(http::Url parts, http::ParseUrl(url));
  if (!parts.path.ends_with('/')) parts.path.push_back('/');
  http::HttpsClientOptions options;
  options.host = parts.host;
  options.port = parts.port;
  options.ca_pem = std::move(ca_pem);
  LIMPID_ASSIGN_OR_RETURN(auto client,
                          http::HttpsClient::Create(std::move(options)));
  return std::unique_ptr<HttpsFetcher>(
      new HttpsFetcher(std::move(client), std::move(parts.path)));
}

absl::StatusOr<base::Bytes> HttpsFetcher::Fetch(std::string_view path,
                                                std::size_t max_bytes) {
  constexpr int kOk = 200;
  constexpr int kNotFound = 404;
  LIMPID_ASSIGN_OR_RETURN(const http::HttpResponse response,
                          client_->Get(prefix_ + std::string(path), max_bytes));
  if (response.status == kNotFound) {
    return absl::NotFoundError("the log has no such file");
  }
  if (response.status != kOk) {
    return absl::UnavailableError(
        absl::StrCat("the server answered with status ", response.status));
  }
  return base::ToBytes(response.body);
}

}  // namespace limpid::cli
