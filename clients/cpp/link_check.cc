#include "clients/cpp/link_check.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/hash.h"
#include "common/http/https_client.h"

namespace limpid::client {
namespace {

using Moment = std::chrono::steady_clock::time_point;

// Enough to know how it answers: of what is longer the status counts.
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;
// Longer than any address of a field.
constexpr std::size_t kMaxUrlBytes = 2'000;
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";

// Members of a content that give an address, and the digest of what is there.
struct DigestedField {
  std::string_view url;
  std::string_view digest;
};
constexpr auto kDigestedFields = std::to_array<DigestedField>({
    {"artifact_url", "artifact_digest"},
    {"download_url", "content_digest"},
    {"link", "document_digest"},
});

struct Verdict {
  LinkState state = LinkState::kNotChecked;
  int status = 0;
  // Of all that is there, where it was fetched whole.
  std::string digest;
  bool too_long = false;
};

// "https://host[:port]" and the rest with its query, without fragment.
struct Target {
  std::string origin;
  std::string path = "/";
};

Target Split(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t end =
      std::min(url.find_first_of("/?", kHttps.size()), url.size());
  Target out{.origin = std::string(url.substr(0, end))};
  const std::string_view rest = url.substr(end);
  if (rest.starts_with('?')) out.path += rest;
  if (rest.starts_with('/')) out.path = std::string(rest);
  return out;
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
  });
}

LinkState StateOf(int status) {
  constexpr int kNotFound = 404;
  constexpr int kGone = 410;
  if (status >= 200 && status < 300) return LinkState::kAlive;
  if (status >= 300 && status < 400) return LinkState::kMoved;
  if (status == kNotFound || status == kGone) return LinkState::kGone;
  return LinkState::kRefused;
}

LinkState StateOf(const absl::Status& failure) {
  if (absl::IsFailedPrecondition(failure)) return LinkState::kUntrusted;
  if (absl::IsPermissionDenied(failure)) return LinkState::kPrivate;
  return LinkState::kUnreachable;
}

// Asks one host for all that is asked of it, one after the other.
class HostCheck {
 public:
  HostCheck(std::string_view origin, const LinkCheckOptions& options)
      : options_(options) {
    const auto parts = http::ParseUrl(origin);
    if (!parts.ok()) return;
    http::HttpsClientOptions client;
    client.host = parts->host;
    client.port = parts->port;
    client.ca_pem = options.ca_pem;
    client.step_timeout = options.timeout;
    client.total_timeout = std::max(options.timeout, options.file_timeout);
    client.public_addresses_only = !options.private_addresses;
    auto made = http::HttpsClient::Create(std::move(client));
    if (made.ok()) client_ = *std::move(made);
  }

  Verdict Ask(const std::string& path, bool whole) {
    if (client_ == nullptr) return {.state = LinkState::kMalformed};
    // A host that is not there is not asked for every page it had.
    if (dead_.state != LinkState::kNotChecked) return dead_;
    if (silences_ >= kMaxSilences) return {};
    http::HttpRequest request;
    request.path = path;
    request.max_bytes = whole ? kMaxDigestedBytes : kMaxAnswerBytes;
    request.time_limit = whole ? options_.file_timeout : options_.timeout;
    const auto response = client_->Send(request);
    const bool silent = absl::IsDeadlineExceeded(response.status());
    silences_ = silent ? silences_ + 1 : 0;
    if (response.ok()) return Answered(*response, whole);
    const Verdict out{.state = StateOf(response.status())};
    // One page that does not answer says nothing of the others.
    if (!client_->connected()) dead_ = out;
    return out;
  }

 private:
  static Verdict Answered(const http::HttpResponse& response, bool whole) {
    Verdict out{.state = StateOf(response.status), .status = response.status};
    if (!whole || out.state != LinkState::kAlive) return out;
    out.too_long = response.cut;
    if (!response.cut) {
      out.digest =
          "sha256:" +
          base::HexEncode(crypto::Sha256(base::AsBytes(response.body)));
    }
    return out;
  }

  const LinkCheckOptions& options_;
  std::unique_ptr<http::HttpsClient> client_;
  // What failed for the host as a whole: its name, a connection or TLS.
  Verdict dead_;
  // Addresses since the last one that did not time out.
  int silences_ = 0;
};

// What is known of each address; hosts are taken from the front.
class Work {
 public:
  Work(const std::vector<Link>& links, const LinkCheckOptions& options)
      : options_(options),
        end_(std::chrono::steady_clock::now() +
             absl::ToChronoNanoseconds(options.total)) {
    for (const Link& link : links) Add(link);
    for (const auto& [origin, paths] : hosts_) order_.push_back(origin);
  }

  void Run() {
    for (std::size_t at = next_++; at < order_.size(); at = next_++) {
      CheckHost(order_[at]);
      ++done_;
    }
  }
  [[nodiscard]] std::size_t host_count() const { return order_.size(); }
  [[nodiscard]] std::size_t done() const { return done_; }
  [[nodiscard]] Verdict Of(const std::string& url) {
    const base::MutexLock lock(mutex_);
    return verdicts_[url];
  }

 private:
  void Add(const Link& link) {
    const base::MutexLock lock(mutex_);
    const std::string& url = link.url;
    if (options_.digests && !link.digest.empty()) whole_.insert(url);
    const auto [at, is_new] = verdicts_.try_emplace(url);
    if (!is_new || url.starts_with(kHttp)) return;
    if (!url.starts_with(kHttps) || url.size() > kMaxUrlBytes ||
        !IsPlain(url)) {
      at->second.state = LinkState::kMalformed;
      return;
    }
    hosts_[Split(url).origin].push_back(url);
  }

  void CheckHost(const std::string& origin) {
    HostCheck host(origin, options_);
    for (const std::string& url : hosts_.at(origin)) {
      if (std::chrono::steady_clock::now() >= end_) return;
      const Verdict verdict = host.Ask(Split(url).path, whole_.contains(url));
      const base::MutexLock lock(mutex_);
      verdicts_[url] = verdict;
    }
  }

  const LinkCheckOptions& options_;
  const Moment end_;
  // Not changed after construction.
  std::map<std::string, std::vector<std::string>> hosts_;
  std::vector<std::string> order_;
  // Those that are fetched to the end.
  std::set<std::string> whole_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> done_ = 0;
  base::Mutex mutex_;
  std::map<std::string, Verdict> verdicts_ ABSL_GUARDED_BY(mutex_);
};

void FindLinks(std::string_view id, const json::Value& value,
               const std::string& pointer, std::vector<Link>& out) {
  if (value.is_string()) {
    const std::string& text = value.string();
    if (text.starts_with(kHttps) || text.starts_with(kHttp)) {
      out.push_back({std::string(id), pointer, text});
    }
  }
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      FindLinks(id, member.value,
                pointer + "/" + json::PointerToken(member.key), out);
    }
  }
  if (value.is_array()) {
    std::size_t index = 0;
    for (const json::Value& element : value.elements()) {
      FindLinks(id, element, pointer + "/" + std::to_string(index++), out);
    }
  }
}

// The digest that stands beside an address, or nothing.
std::string DigestBeside(const json::Value& fields, std::string_view field) {
  for (const DigestedField& one : kDigestedFields) {
    if (one.url != field) continue;
    const json::Value* const digest = fields.Find(one.digest);
    if (digest == nullptr) return {};
    const json::Value* const value = digest->Find("value");
    return value != nullptr && value->is_string() ? value->string()
                                                  : std::string();
  }
  return {};
}

DigestState Compared(const Link& link, const Verdict& verdict) {
  if (link.digest.empty()) return DigestState::kNotCompared;
  if (!verdict.digest.empty()) {
    return verdict.digest == link.digest ? DigestState::kMatches
                                         : DigestState::kDiffers;
  }
  return verdict.too_long ? DigestState::kTooLong : DigestState::kNotCompared;
}

}  // namespace

std::string_view DigestStateName(DigestState state) {
  constexpr std::array<std::string_view, 4> kNames = {"not compared", "matches",
                                                      "differs", "too long"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view LinkStateName(LinkState state) {
  constexpr std::array<std::string_view, 9> kNames = {
      "alive",     "moved",   "gone",        "refused",  "unreachable",
      "untrusted", "private", "not checked", "malformed"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::vector<Link> LinksOf(std::string_view registration_id,
                          const json::Value& content) {
  std::vector<Link> out;
  const json::Value* const fields = content.Find("fields");
  if (fields == nullptr) return out;
  for (const json::Member& field : fields->members()) {
    const json::Value* const value = field.value.Find("value");
    if (value == nullptr) continue;
    const std::size_t before = out.size();
    FindLinks(registration_id, *value,
              "/fields/" + json::PointerToken(field.key), out);
    if (value->is_string() && out.size() > before) {
      out.back().digest = DigestBeside(*fields, field.key);
    }
  }
  return out;
}

std::vector<CheckedLink> CheckLinks(
    const std::vector<Link>& links, const LinkCheckOptions& options,
    absl::FunctionRef<void(std::size_t done, std::size_t total)> progress) {
  Work work(links, options);
  std::vector<std::thread> threads;
  const std::size_t count = std::max<std::size_t>(
      1, std::min(options.concurrency, work.host_count()));
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&work] { work.Run(); });
  }
  while (work.done() < work.host_count()) {
    progress(work.done(), work.host_count());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<CheckedLink> out;
  out.reserve(links.size());
  for (const Link& link : links) {
    const Verdict verdict = work.Of(link.url);
    out.push_back({.link = link,
                   .state = verdict.state,
                   .status = verdict.status,
                   .digest = options.digests ? Compared(link, verdict)
                                             : DigestState::kNotCompared});
  }
  return out;
}

}  // namespace limpid::client
