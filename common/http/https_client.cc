#include "common/http/https_client.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "boost/asio/as_tuple.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/ssl/context.hpp"
#include "boost/asio/ssl/host_name_verification.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http.hpp"
#include "boost/beast/ssl/ssl_stream.hpp"
#include "common/http/public_address.h"

namespace limpid::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Parser = bhttp::response_parser<bhttp::string_body>;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
// Answer headers of a file server.
constexpr unsigned kMaxHeaderBytes = 16 * 1024;
// Answers of 100 to 199 before the one that counts (RFC 9110 section 15.2).
constexpr int kMaxInterimAnswers = 8;

absl::Status Failed(const beast::error_code& error, std::string_view step,
                    const HttpsClientOptions& options) {
  const std::string at =
      absl::StrCat(std::string(step), " ", options.host, ":", options.port);
  if (error == beast::error::timeout) {
    return absl::DeadlineExceededError(at + ": no answer in time");
  }
  if (error == bhttp::error::body_limit) {
    return absl::ResourceExhaustedError(at + ": the answer is too long");
  }
  if (error.category() == asio::error::get_ssl_category()) {
    return absl::FailedPreconditionError(absl::StrCat(
        at, ": the server's certificate or TLS version is not accepted (",
        error.message(), ")"));
  }
  return absl::UnavailableError(absl::StrCat(at, ": ", error.message()));
}

// What to ask for. Views are used within the call only.
struct Ask {
  bhttp::verb verb = bhttp::verb::get;
  std::string_view path;
  std::string_view content_type;
  std::string_view body;
  std::size_t max_bytes = 0;
  const std::vector<std::pair<std::string, std::string>>* headers = nullptr;
  absl::Duration time_limit = absl::InfiniteDuration();
};

bool IsSuccess(int status) {
  constexpr int kSuccess = 200;
  constexpr int kRedirect = 300;
  return status >= kSuccess && status < kRedirect;
}

// Says that another answer to the same request follows. After 101 what follows
// is no HTTP any more; nothing here asks for that.
bool IsInterim(int status) {
  constexpr int kContinue = 100;
  constexpr int kSuccess = 200;
  return status >= kContinue && status < kSuccess &&
         status != static_cast<int>(bhttp::status::switching_protocols);
}

bool HasLineEnd(const std::string& text) {
  return text.find_first_of("\r\n") != std::string::npos;
}

class Client final : public HttpsClient {
 public:
  explicit Client(HttpsClientOptions options)
      : options_(std::move(options)), tls_(asio::ssl::context::tls_client) {}

  absl::Status SetUpTls() {
    boost::system::error_code error;
    if (options_.ca_pem.empty()) {
      tls_.set_default_verify_paths(error);
    } else {
      tls_.add_certificate_authority(asio::buffer(options_.ca_pem), error);
    }
    if (!error && !options_.more_ca_pem.empty()) {
      tls_.add_certificate_authority(asio::buffer(options_.more_ca_pem), error);
    }
    if (error) {
      return absl::InvalidArgumentError(
          "the CA file holds no readable certificate");
    }
    tls_.set_verify_mode(asio::ssl::verify_peer, error);
    SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_3_VERSION);
    return ShowCertificate();
  }

  absl::StatusOr<HttpResponse> Get(std::string_view path,
                                   std::size_t max_bytes) override {
    auto response = RunTwice({.verb = bhttp::verb::get,
                              .path = path,
                              .content_type = "",
                              .body = "",
                              .max_bytes = max_bytes});
    // Whoever fetches a file wants the whole of it.
    if (response.ok() && response->cut && IsSuccess(response->status)) {
      return Failed(bhttp::make_error_code(bhttp::error::body_limit),
                    "cannot fetch from", options_);
    }
    return response;
  }

  absl::StatusOr<HttpResponse> Post(std::string_view path,
                                    std::string_view content_type,
                                    std::string_view body,
                                    std::size_t max_bytes) override {
    return RunTwice({.verb = bhttp::verb::post,
                     .path = path,
                     .content_type = content_type,
                     .body = body,
                     .max_bytes = max_bytes});
  }

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    for (const auto& [name, value] : request.headers) {
      if (HasLineEnd(name) || HasLineEnd(value)) {
        return absl::InvalidArgumentError("a header has a line end");
      }
    }
    return RunTwice(
        {.verb = request.post ? bhttp::verb::post : bhttp::verb::get,
         .path = request.path,
         .content_type = request.content_type,
         .body = request.body,
         .max_bytes = request.max_bytes,
         .headers = &request.headers,
         .time_limit = request.time_limit});
  }

  [[nodiscard]] bool connected() const override { return connected_; }

  void Cancel() override {
    cancelled_ = true;
    // The network's objects are touched on the thread that runs them.
    asio::post(io_, [this] {
      if (stream_.has_value()) beast::get_lowest_layer(*stream_).close();
    });
  }

 private:
  absl::Status ShowCertificate() {
    if (options_.certificate_pem.empty() && options_.private_key_pem.empty()) {
      return absl::OkStatus();
    }
    boost::system::error_code error;
    tls_.use_certificate_chain(asio::buffer(options_.certificate_pem), error);
    if (!error) {
      tls_.use_private_key(asio::buffer(options_.private_key_pem),
                           asio::ssl::context::pem, error);
    }
    if (error || SSL_CTX_check_private_key(tls_.native_handle()) != 1) {
      return absl::InvalidArgumentError(
          "the client certificate and its private key are not a pair in PEM");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<HttpResponse> RunTwice(const Ask& ask) {
    if (HasUnasked()) stream_.reset();
    const bool reused = stream_.has_value();
    const absl::Duration limit =
        std::min(options_.total_timeout, ask.time_limit);
    deadline_ = limit == absl::InfiniteDuration()
                    ? Clock::time_point::max()
                    : Clock::now() + absl::ToChronoNanoseconds(limit);
    auto response = Run(ask);
    // The server may close a connection that idled; that is no failure yet.
    if (reused && absl::IsUnavailable(response.status())) response = Run(ask);
    return response;
  }

  absl::StatusOr<HttpResponse> Run(const Ask& ask) {
    absl::StatusOr<HttpResponse> out = absl::UnavailableError("no answer");
    io_.restart();
    asio::co_spawn(io_, Exchange(ask, out),
                   [](const std::exception_ptr& /*none: nothing throws*/) {});
    io_.run();
    if (cancelled_) out = absl::CancelledError("the request was cancelled");
    if (!out.ok()) stream_.reset();
    return out;
  }

  // Whether bytes wait on a connection that idled: an end, or an answer to
  // nothing, as servers send before they close. Read as the answer to the next
  // request it would be wrong, and so would be every one behind it.
  [[nodiscard]] bool HasUnasked() {
    if (!stream_.has_value()) return false;
    boost::system::error_code error;
    const std::size_t waiting =
        beast::get_lowest_layer(*stream_).socket().available(error);
    SSL* const tls = stream_->native_handle();
    // What came with the last answer and was not decrypted lies in neither:
    // the stream hands all that it reads to the BIO, and takes single records
    // from there. A session ticket that lies there costs a connection.
    return error || waiting > 0 || SSL_has_pending(tls) == 1 ||
           BIO_ctrl_pending(SSL_get_rbio(tls)) > 0;
  }

  void Expect() {
    beast::get_lowest_layer(*stream_).expires_at(std::min(
        deadline_,
        Clock::now() + absl::ToChronoNanoseconds(options_.step_timeout)));
  }

  // Whether every address may be connected to.
  [[nodiscard]] bool MayConnect(
      const tcp::resolver::results_type& found) const {
    return !options_.public_addresses_only ||
           std::all_of(found.begin(), found.end(), [](const auto& entry) {
             return IsPublicAddress(entry.endpoint().address().to_string());
           });
  }

  asio::awaitable<absl::Status> Connect() {
    beast::error_code error;
    tcp::resolver resolver(io_);
    tcp::resolver::results_type found;
    std::tie(error, found) =
        co_await resolver.async_resolve(options_.host, options_.port, kNoThrow);
    if (error) co_return Failed(error, "cannot find", options_);
    if (!MayConnect(found)) {
      co_return absl::PermissionDeniedError(
          absl::StrCat(options_.host, " has an address that is not public"));
    }
    if (cancelled_) co_return absl::CancelledError("cancelled");
    buffer_.clear();
    stream_.emplace(io_, tls_);
    Expect();
    std::tie(error, std::ignore) =
        co_await beast::get_lowest_layer(*stream_).async_connect(found,
                                                                 kNoThrow);
    if (error) co_return Failed(error, "cannot reach", options_);
    stream_->set_verify_callback(
        asio::ssl::host_name_verification(options_.host), error);
    NameServer();
    Expect();
    std::tie(error) = co_await stream_->async_handshake(
        asio::ssl::stream_base::client, kNoThrow);
    if (error) co_return Failed(error, "cannot trust", options_);
    co_return absl::OkStatus();
  }

  // Server name indication takes names only (RFC 6066 section 3).
  void NameServer() {
    if (IsAddress(options_.host)) return;
    // The call behind the macro SSL_set_tlsext_host_name, which copies.
    SSL_ctrl(stream_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
             TLSEXT_NAMETYPE_host_name,
             // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): only read
             const_cast<char*>(options_.host.c_str()));
  }

  [[nodiscard]] bhttp::request<bhttp::string_body> RequestOf(
      const Ask& ask) const {
    bhttp::request<bhttp::string_body> request(ask.verb, std::string(ask.path),
                                               11);
    request.set(bhttp::field::host,
                options_.port == "443"
                    ? options_.host
                    : absl::StrCat(options_.host, ":", options_.port));
    request.set(bhttp::field::user_agent, "limpid");
    if (ask.verb == bhttp::verb::post) {
      request.set(bhttp::field::content_type, std::string(ask.content_type));
      request.set(bhttp::field::accept, "application/json");
    }
    if (ask.headers != nullptr) {
      for (const auto& [name, value] : *ask.headers) request.set(name, value);
    }
    if (ask.verb == bhttp::verb::get) return request;
    request.body() = std::string(ask.body);
    request.prepare_payload();
    return request;
  }

  asio::awaitable<void> Exchange(Ask ask, absl::StatusOr<HttpResponse>& out) {
    connected_ = stream_.has_value();
    if (!connected_) {
      if (absl::Status status = co_await Connect(); !status.ok()) {
        out = status;
        co_return;
      }
      connected_ = true;
    }
    const auto request = RequestOf(ask);
    Expect();
    beast::error_code error;
    std::tie(error, std::ignore) =
        co_await bhttp::async_write(*stream_, request, kNoThrow);
    std::optional<Parser> parser;
    if (!error) error = co_await ReadAnswer(ask.max_bytes, parser);
    const bool cut = error == bhttp::error::body_limit && parser.has_value() &&
                     parser->is_header_done();
    if (error && !cut) {
      out = Failed(error, "cannot fetch from", options_);
      co_return;
    }
    Take(parser->release(), cut, out);
  }

  // The final answer, past interim ones; all of them within one step.
  asio::awaitable<beast::error_code> ReadAnswer(std::size_t max_bytes,
                                                std::optional<Parser>& parser) {
    Expect();
    for (int interim = 0; interim <= kMaxInterimAnswers; ++interim) {
      parser.emplace();
      parser->header_limit(kMaxHeaderBytes);
      parser->body_limit(max_bytes);
      const auto [error, size] =
          co_await bhttp::async_read(*stream_, buffer_, *parser, kNoThrow);
      if (error) co_return error;
      if (!IsInterim(static_cast<int>(parser->get().result_int()))) {
        co_return beast::error_code();
      }
    }
    co_return bhttp::make_error_code(bhttp::error::bad_status);
  }

  void Take(bhttp::response<bhttp::string_body> response, bool cut,
            absl::StatusOr<HttpResponse>& out) {
    const auto type = response[bhttp::field::content_type];
    // Bytes behind the answer belong to no request: the next would get them
    // as its own.
    const bool reusable =
        response.keep_alive() && !cut && buffer_.size() == 0 &&
        response.result() != bhttp::status::switching_protocols;
    out =
        HttpResponse{static_cast<int>(response.result_int()), std::string(type),
                     cut ? std::string() : std::move(response.body()), cut};
    if (!reusable) stream_.reset();
  }

  using Clock = std::chrono::steady_clock;

  const HttpsClientOptions options_;
  asio::ssl::context tls_;
  asio::io_context io_;
  std::optional<Stream> stream_;
  beast::flat_buffer buffer_;
  // Of the request that runs.
  Clock::time_point deadline_ = Clock::time_point::max();
  bool connected_ = false;
  std::atomic<bool> cancelled_ = false;
};

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool IsPort(std::string_view port) {
  return !port.empty() && port.size() <= 5 &&
         std::all_of(port.begin(), port.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::StatusOr<Url> ParseUrl(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  const absl::Status bad =
      absl::InvalidArgumentError("not an address like https://host:port/path");
  if (!text.starts_with(kScheme)) return bad;
  text.remove_prefix(kScheme.size());
  Url url;
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) url.path = text.substr(slash);
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  url.host = authority;
  const bool clean =
      !url.host.empty() &&
      std::all_of(url.host.begin(), url.host.end(), IsHostCharacter) &&
      IsPort(url.port) &&
      url.path.find_first_of("?# \r\n") == std::string::npos;
  if (!clean) return bad;
  return url;
}

absl::StatusOr<std::unique_ptr<HttpsClient>> HttpsClient::Create(
    HttpsClientOptions options) {
  auto client = std::make_unique<Client>(std::move(options));
  if (absl::Status status = client->SetUpTls(); !status.ok()) return status;
  return client;
}

}  // namespace limpid::http
