#include "server/adapters/source_channel.h"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/http/https_client.h"

namespace limpid::server {
namespace {

absl::Status Unavailable() {
  return absl::UnavailableError("the source could not be asked");
}

class HttpsSource final : public StoppableChannel {
 public:
  HttpsSource(http::HttpsClientOptions options, std::string path)
      : options_(std::move(options)), path_(std::move(path)) {}

  absl::StatusOr<vault::SourceReply> Ask(
      const vault::SourceRequest& request) override {
    LIMPID_ASSIGN_OR_RETURN(Client client, Take());
    http::HttpRequest sent;
    sent.post = request.post;
    sent.path = absl::StrCat(path_, request.path);
    sent.headers = request.headers;
    sent.content_type = request.content_type;
    sent.body = request.body;
    sent.max_bytes = request.max_bytes;
    sent.time_limit = request.time_limit;
    auto response = client->Send(sent);
    GiveBack(std::move(client), response.ok());
    // One for all: what a network says of another's host is not for persons.
    if (!response.ok()) return Unavailable();
    // Half a document is none.
    if (response->cut && !request.post) return Unavailable();
    return vault::SourceReply{response->status,
                              std::move(response->content_type),
                              std::move(response->body)};
  }

  void Stop() override {
    const base::MutexLock lock(mutex_);
    stopped_ = true;
    idle_.clear();
    for (http::HttpsClient* const one : busy_) one->Cancel();
  }

 private:
  using Client = std::unique_ptr<http::HttpsClient>;

  absl::StatusOr<Client> Take() {
    {
      const base::MutexLock lock(mutex_);
      if (stopped_) return Unavailable();
      if (!idle_.empty()) {
        Client out = std::move(idle_.back());
        idle_.pop_back();
        busy_.insert(out.get());
        return out;
      }
    }
    LIMPID_ASSIGN_OR_RETURN(Client made, http::HttpsClient::Create(options_));
    const base::MutexLock lock(mutex_);
    if (stopped_) return Unavailable();
    busy_.insert(made.get());
    return made;
  }

  // Never more idle than were ever busy at once.
  void GiveBack(Client client, bool usable) {
    const base::MutexLock lock(mutex_);
    busy_.erase(client.get());
    if (usable && !stopped_) idle_.push_back(std::move(client));
  }

  const http::HttpsClientOptions options_;
  const std::string path_;
  base::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Client> idle_ ABSL_GUARDED_BY(mutex_);
  std::set<http::HttpsClient*> busy_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<StoppableChannel>> MakeSourceChannel(
    SourceChannelOptions options) {
  LIMPID_ASSIGN_OR_RETURN(http::Url url, http::ParseUrl(options.url));
  // Paths are joined, and "/" alone is no path.
  if (url.path == "/") url.path.clear();
  if (url.path.ends_with('/')) {
    return absl::InvalidArgumentError("ends with a slash");
  }
  if (options.ca_pem.empty()) {
    return absl::InvalidArgumentError("has no CA of its own");
  }
  http::HttpsClientOptions client;
  client.host = std::move(url.host);
  client.port = std::move(url.port);
  client.ca_pem = std::move(options.ca_pem);
  client.certificate_pem = std::move(options.certificate_pem);
  client.private_key_pem = std::move(options.private_key_pem);
  // What is wrong with the texts shows now, not at the first question.
  LIMPID_RETURN_IF_ERROR(http::HttpsClient::Create(client).status());
  return std::make_unique<HttpsSource>(std::move(client), std::move(url.path));
}

}  // namespace limpid::server
