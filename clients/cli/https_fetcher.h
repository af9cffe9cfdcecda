// A log's files over HTTPS, for the auditor.

#ifndef LIMPID_CLIENTS_CLI_HTTPS_FETCHER_H_
#define LIMPID_CLIENTS_CLI_HTTPS_FETCHER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/http/https_client.h"
#include "common/tlog/auditor.h"

namespace limpid::cli {

class HttpsFetcher final : public tlog::Fetcher {
 public:
  // `url` is the log's prefix, with or without a slash at its end; an empty
  // `ca_pem` means the system's CAs.
  //
  // Errors:
  //   kInvalidArgument  not an https address, or no certificate in `ca_pem`.
  static absl::StatusOr<std::unique_ptr<HttpsFetcher>> Create(
      std::string_view url, std::string ca_pem);

  absl::StatusOr<base::Bytes> Fetch(std::string_view path,
                                    std::size_t max_bytes) override;

 private:
  HttpsFetcher(std::unique_ptr<http::HttpsClient> client, std::string prefix)
      : client_(std::move(client)), prefix_(std::move(prefix)) {}

  const std::unique_ptr<http::HttpsClient> client_;
  // Ends in a slash.
  const std::string prefix_;
};

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_HTTPS_FETCHER_H_
