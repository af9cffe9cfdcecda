#include "common/http/static_listener.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/as_tuple.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/ssl/context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/strand.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http.hpp"
#include "boost/beast/ssl/ssl_stream.hpp"
#include "common/base/mutex.h"
#include "common/base/peer.h"
#include "common/http/log_paths.h"

namespace limpid::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Request = bhttp::request<bhttp::empty_body>;
// The completion token that gives an error code instead of throwing.
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// RFC 9457 without a type of its own: the status says it all.
bhttp::response<bhttp::string_body> Problem(const Request& request,
                                            bhttp::status status,
                                            std::string_view detail) {
  bhttp::response<bhttp::string_body> out(status, request.version());
  out.set(bhttp::field::content_type, "application/problem+json");
  out.set(bhttp::field::cache_control, "no-store");
  const auto title = bhttp::obsolete_reason(status);
  out.body() =
      absl::StrCat(R"({"type":"about:blank","title":")", std::string(title),
                   R"(","status":)", static_cast<int>(status), R"(,"detail":")",
                   std::string(detail), R"("})", "\n");
  return out;
}

template <typename Response>
void SetCommon(Response& response, bool keep_alive) {
  response.set(bhttp::field::server, "limpid");
  response.set("X-Content-Type-Options", "nosniff");
  // The logs are public: a verifier in a browser may read them.
  response.set(bhttp::field::access_control_allow_origin, "*");
  response.keep_alive(keep_alive);
}

// Where a connection comes from, as base/peer.h has it.
struct Origin {
  std::string client;
  std::string network;
};

Origin OriginOf(const tcp::endpoint& from) {
  const asio::ip::address address = from.address();
  const bool v6 = address.is_v6();
  Origin out;
  out.client =
      base::ClientOf(absl::StrCat(v6 ? "ipv6:[" : "ipv4:", address.to_string(),
                                  v6 ? "]" : "", ":", from.port()));
  out.network = base::NetworkOf(out.client);
  return out;
}

class Listener;

// One connection, on its strand.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;

  Session(Listener& listener, tcp::socket socket);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  asio::awaitable<void> Run();
  Stream::executor_type executor() { return stream_.get_executor(); }
  // Since when the other side owes us something; nothing while it is being
  // answered. Thread-safe.
  [[nodiscard]] std::optional<Clock::time_point> waiting_since() const {
    const Clock::rep since = waiting_since_;
    if (since == 0) return std::nullopt;
    return Clock::time_point(Clock::duration(since));
  }
  // Ends the connection soon. Thread-safe.
  void Close() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      beast::get_lowest_layer(self->stream_).close();
    });
  }

 private:
  void Wait() { waiting_since_ = Clock::now().time_since_epoch().count(); }
  // Reads one request and answers it; false ends the connection.
  asio::awaitable<bool> Serve(bool first);
  asio::awaitable<bool> Answer(const Request& request);
  asio::awaitable<bool> AnswerFile(const Request& request,
                                   const ServedFile& file,
                                   const std::filesystem::path& path);
  asio::awaitable<bool> AnswerProblem(const Request& request,
                                      bhttp::status status,
                                      std::string_view detail, bool keep_alive);
  template <typename Response>
  asio::awaitable<bool> Write(Response& response, bool head);

  void Expect(absl::Duration within) {
    beast::get_lowest_layer(stream_).expires_after(
        absl::ToChronoNanoseconds(within));
  }

  Listener& listener_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::atomic<Clock::rep> waiting_since_ = 0;
};

class Listener final : public StaticListener {
 public:
  explicit Listener(StaticListenerOptions options)
      : options_(std::move(options)),
        tls_(asio::ssl::context::tls_server),
        io_(options_.thread_count),
        acceptor_(io_) {}

  ~Listener() override {
    io_.stop();
    for (std::thread& thread : threads_) thread.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  absl::Status Open();
  [[nodiscard]] int port() const override { return port_; }

  [[nodiscard]] const StaticListenerOptions& options() const {
    return options_;
  }
  asio::ssl::context& tls() { return tls_; }
  void Leave(const Session* session) {
    const base::MutexLock lock(mutex_);
    seats_.erase(session);
  }

 private:
  struct Seat {
    Origin origin;
    std::weak_ptr<Session> session;
  };

  // Let go without the lock: the end of a session takes it.
  using Held = std::vector<std::shared_ptr<Session>>;

  absl::Status SetUpTls();
  asio::awaitable<void> Accept();
  // Whether one more from there has room, made by closing another if need be.
  bool MakeRoom(const Origin& newcomer);
  // Closes the connection that has waited longest of those that `counts`.
  bool CloseOne(const std::function<bool(const Origin&)>& counts, Held& held)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StaticListenerOptions options_;
  asio::ssl::context tls_;
  // Before the network's objects, whose end ends the sessions.
  base::Mutex mutex_;
  std::map<const Session*, Seat> seats_ ABSL_GUARDED_BY(mutex_);
  asio::io_context io_;
  tcp::acceptor acceptor_;
  int port_ = 0;
  std::vector<std::thread> threads_;
};

Session::Session(Listener& listener, tcp::socket socket)
    : listener_(listener), stream_(std::move(socket), listener.tls()) {
  Wait();
}

Session::~Session() { listener_.Leave(this); }

asio::awaitable<void> Session::Run() {
  Expect(listener_.options().step_timeout);
  const auto [error] = co_await stream_.async_handshake(
      asio::ssl::stream_base::server, kNoThrow);
  if (error) co_return;
  bool first = true;
  while (co_await Serve(first)) first = false;
  Wait();
  Expect(listener_.options().step_timeout);
  (void)co_await stream_.async_shutdown(kNoThrow);
}

asio::awaitable<bool> Session::Serve(bool first) {
  bhttp::request_parser<bhttp::empty_body> parser;
  parser.header_limit(StaticListener::kMaxHeaderBytes);
  // The whole header must arrive within this time, not just its next byte.
  Expect(first ? listener_.options().step_timeout
               : listener_.options().idle_timeout);
  Wait();
  const auto [error, size] =
      co_await bhttp::async_read(stream_, buffer_, parser, kNoThrow);
  waiting_since_ = 0;
  if (!error) {
    const Request request = parser.release();
    co_return co_await Answer(request);
  }
  if (error == bhttp::error::header_limit) {
    co_return co_await AnswerProblem(
        {}, bhttp::status::request_header_fields_too_large,
        "the request header is longer than 8 KiB", false);
  }
  if (error == bhttp::error::end_of_stream || error == beast::error::timeout ||
      error.category() !=
          bhttp::make_error_code(bhttp::error::bad_method).category()) {
    co_return false;
  }
  co_return co_await AnswerProblem({}, bhttp::status::bad_request,
                                   "this is not an HTTP request", false);
}

asio::awaitable<bool> Session::Answer(const Request& request) {
  if (request.method() != bhttp::verb::get &&
      request.method() != bhttp::verb::head) {
    auto problem = Problem(request, bhttp::status::method_not_allowed,
                           "only GET and HEAD are served");
    problem.set(bhttp::field::allow, "GET, HEAD");
    SetCommon(problem, request.keep_alive());
    co_return co_await Write(problem, false);
  }
  const std::string_view target(request.target().data(),
                                request.target().size());
  for (const StaticRoot& root : listener_.options().roots) {
    if (!target.starts_with(root.prefix + "/")) continue;
    const auto file = MatchLogPath(target.substr(root.prefix.size() + 1));
    if (!file.has_value()) continue;
    co_return co_await AnswerFile(request, *file, root.directory / file->path);
  }
  co_return co_await AnswerProblem(request, bhttp::status::not_found,
                                   "no such file", request.keep_alive());
}

asio::awaitable<bool> Session::AnswerFile(const Request& request,
                                          const ServedFile& file,
                                          const std::filesystem::path& path) {
  beast::error_code error;
  bhttp::file_body::value_type body;
  body.open(path.c_str(), beast::file_mode::scan, error);
  if (error == beast::errc::no_such_file_or_directory) {
    co_return co_await AnswerProblem(request, bhttp::status::not_found,
                                     "no such file", request.keep_alive());
  }
  if (error) {
    co_return co_await AnswerProblem(request,
                                     bhttp::status::internal_server_error,
                                     "the file cannot be read", false);
  }
  bhttp::response<bhttp::file_body> response(
      std::piecewise_construct, std::make_tuple(std::move(body)),
      std::make_tuple(bhttp::status::ok, request.version()));
  response.set(bhttp::field::content_type,
               {file.content_type.data(), file.content_type.size()});
  response.set(bhttp::field::cache_control,
               {file.cache_control.data(), file.cache_control.size()});
  SetCommon(response, request.keep_alive());
  co_return co_await Write(response, request.method() == bhttp::verb::head);
}

asio::awaitable<bool> Session::AnswerProblem(const Request& request,
                                             bhttp::status status,
                                             std::string_view detail,
                                             bool keep_alive) {
  auto problem = Problem(request, status, detail);
  SetCommon(problem, keep_alive);
  co_return co_await Write(problem, request.method() == bhttp::verb::head);
}

template <typename Response>
asio::awaitable<bool> Session::Write(Response& response, bool head) {
  Expect(listener_.options().step_timeout);
  response.prepare_payload();
  using Body = typename Response::body_type;
  bhttp::response_serializer<Body> serializer(response);
  // HEAD answers with the header that GET would get, length included.
  beast::error_code error;
  if (head) {
    std::tie(error, std::ignore) =
        co_await bhttp::async_write_header(stream_, serializer, kNoThrow);
  } else {
    std::tie(error, std::ignore) =
        co_await bhttp::async_write(stream_, serializer, kNoThrow);
  }
  co_return !error && response.keep_alive();
}

bool Listener::CloseOne(const std::function<bool(const Origin&)>& counts,
                        Held& held) {
  auto oldest = seats_.end();
  Session::Clock::time_point longest =
      Session::Clock::now() - absl::ToChronoNanoseconds(options_.least_wait);
  for (auto seat = seats_.begin(); seat != seats_.end(); ++seat) {
    if (!counts(seat->second.origin)) continue;
    held.push_back(seat->second.session.lock());
    if (held.back() == nullptr) continue;
    const auto since = held.back()->waiting_since();
    if (!since.has_value() || *since > longest) continue;
    longest = *since;
    oldest = seat;
  }
  if (oldest == seats_.end()) return false;
  held.push_back(oldest->second.session.lock());
  held.back()->Close();
  seats_.erase(oldest);
  return true;
}

bool Listener::MakeRoom(const Origin& newcomer) {
  const auto of_client = [&](const Origin& other) {
    return other.client == newcomer.client;
  };
  const auto of_network = [&](const Origin& other) {
    return other.network == newcomer.network;
  };
  const auto of_all = [](const Origin& /*other*/) { return true; };
  Held held;
  const base::MutexLock lock(mutex_);
  int client = 0;
  int network = 0;
  for (const auto& [session, seat] : seats_) {
    client += of_client(seat.origin) ? 1 : 0;
    network += of_network(seat.origin) ? 1 : 0;
  }
  if (client >= options_.max_client_connections)
    return CloseOne(of_client, held);
  if (network >= options_.max_network_connections)
    return CloseOne(of_network, held);
  if (static_cast<int>(seats_.size()) < options_.max_connections) return true;
  return CloseOne(of_all, held);
}

absl::Status Listener::SetUpTls() {
  boost::system::error_code error;
  tls_.use_certificate_chain(asio::buffer(options_.certificate_pem), error);
  if (!error) {
    tls_.use_private_key(asio::buffer(options_.private_key_pem),
                         asio::ssl::context::pem, error);
  }
  if (error || SSL_CTX_check_private_key(tls_.native_handle()) != 1) {
    return absl::InvalidArgumentError(
        "the server certificate and its key cannot be read or do not fit "
        "together");
  }
  SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_3_VERSION);
  return absl::OkStatus();
}

absl::Status Listener::Open() {
  if (absl::Status status = SetUpTls(); !status.ok()) return status;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options_.host, error);
  if (!error) acceptor_.open(tcp::v4(), error);
  if (!error && address.is_v6()) {
    acceptor_.close(error);
    acceptor_.open(tcp::v6(), error);
  }
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) {
    acceptor_.bind({address, static_cast<std::uint16_t>(options_.port)}, error);
  }
  if (!error)
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", options_.host, ":", options_.port,
                     ": ", error.message()));
  }
  port_ = acceptor_.local_endpoint().port();
  asio::co_spawn(io_, Accept(), asio::detached);
  for (int i = 0; i < options_.thread_count; ++i) {
    threads_.emplace_back([this] { io_.run(); });
  }
  return absl::OkStatus();
}

asio::awaitable<void> Listener::Accept() {
  while (true) {
    auto [error, socket] =
        co_await acceptor_.async_accept(asio::make_strand(io_), kNoThrow);
    if (error) {
      // Out of descriptors, most likely: wait for some to come free.
      asio::steady_timer pause(io_, std::chrono::milliseconds(100));
      (void)co_await pause.async_wait(kNoThrow);
      continue;
    }
    boost::system::error_code gone;
    const tcp::endpoint from = socket.remote_endpoint(gone);
    if (gone) continue;
    const Origin origin = OriginOf(from);
    if (!MakeRoom(origin)) continue;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto session = std::make_shared<Session>(*this, std::move(socket));
    {
      const base::MutexLock lock(mutex_);
      seats_[session.get()] = {origin, session};
    }
    const auto executor = session->executor();
    asio::co_spawn(
        executor,
        // The lambda lives as long as the coroutine that it returns.
        [session = std::move(session)]() -> asio::awaitable<void> {
          co_await session->Run();
        },
        asio::detached);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<StaticListener>> StaticListener::Start(
    StaticListenerOptions options) {
  auto listener = std::make_unique<Listener>(std::move(options));
  if (absl::Status status = listener->Open(); !status.ok()) return status;
  return listener;
}

}  // namespace limpid::http
