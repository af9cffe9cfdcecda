#include "common/rpc/runtime.h"

#include <cstddef>
#include <map>
#include <utility>

#include "common/base/mutex.h"
#include "common/rpc/certificate_cache.h"
#include "common/rpc/timers.h"
#include "common/rpc/worker_pool.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"

namespace limpid::rpc {
namespace {

constexpr std::string_view kBearer = "Bearer ";
// A token is under 1 kB; anything longer is not one.
constexpr std::size_t kMaxTokenBytes = 4096;

std::string_view Metadata(const grpc::CallbackServerContext& context,
                          const char* key) {
  const auto& all = context.client_metadata();
  const auto [begin, end] = all.equal_range(key);
  // Sent twice is as good as not sent: which one counts must not be a question.
  if (begin == end || std::next(begin) != end) return {};
  const std::string_view value(begin->second.data(), begin->second.size());
  return value.size() > kMaxTokenBytes ? std::string_view() : value;
}

}  // namespace

class Runtime::State {
 public:
  State(RuntimeOptions given, const base::Clock& given_clock)
      : options(std::move(given)),
        clock(given_clock),
        certificates(options.admin_ca_pem, clock),
        timers(clock),
        pool(options.worker_count,
             static_cast<std::size_t>(options.queue_limit)) {}

  const RuntimeOptions options;
  const base::Clock& clock;
  CertificateCache certificates;
  Timers timers;
  mutable base::Mutex mutex;
  std::uint64_t next_stream ABSL_GUARDED_BY(mutex) = 1;
  std::map<std::uint64_t, std::function<void()>> streams ABSL_GUARDED_BY(mutex);
  bool draining ABSL_GUARDED_BY(mutex) = false;
  WorkerPool pool;  // Last: joins while everything above is still there.
};

Runtime::Runtime(RuntimeOptions options, const base::Clock& clock)
    : state_(std::make_unique<State>(std::move(options), clock)) {}
Runtime::~Runtime() = default;

const RuntimeOptions& Runtime::options() const { return state_->options; }
const base::Clock& Runtime::clock() const { return state_->clock; }

bool Runtime::Run(std::function<void()> work) {
  return state_->pool.Run(std::move(work));
}

std::uint64_t Runtime::RunAt(absl::Duration at, std::function<void()> work) {
  return state_->timers.RunAt(at, std::move(work));
}

void Runtime::CancelTimer(std::uint64_t timer) { state_->timers.Cancel(timer); }

std::uint64_t Runtime::OnDrain(std::function<void()> end_stream) {
  {
    const base::MutexLock lock(state_->mutex);
    if (!state_->draining) {
      const std::uint64_t handle = state_->next_stream++;
      state_->streams.emplace(handle, std::move(end_stream));
      return handle;
    }
  }
  end_stream();
  return 0;
}

void Runtime::ForgetDrain(std::uint64_t handle) {
  const base::MutexLock lock(state_->mutex);
  state_->streams.erase(handle);
}

void Runtime::Drain() {
  std::map<std::uint64_t, std::function<void()>> streams;
  {
    const base::MutexLock lock(state_->mutex);
    state_->draining = true;
    streams.swap(state_->streams);
  }
  for (const auto& [handle, end_stream] : streams) end_stream();
}

bool Runtime::draining() const {
  const base::MutexLock lock(state_->mutex);
  return state_->draining;
}

void Runtime::Stop() { state_->pool.Stop(); }

void Runtime::Observe(std::string_view method, absl::StatusCode code,
                      absl::Duration started) const {
  if (!state_->options.observer) return;
  state_->options.observer(method, code, state_->clock.Monotonic() - started);
}

Caller Runtime::ReadCaller(const grpc::CallbackServerContext& context) const {
  Caller caller;
  const auto auth = context.auth_context();
  if (auth != nullptr && auth->IsPeerAuthenticated()) {
    const auto pem = auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (!pem.empty()) {
      const CertificateIdentity identity =
          state_->certificates.Look({pem.front().data(), pem.front().size()});
      if (!identity.usable) return caller;
      caller.kind = CallerKind::kCertificate;
      caller.spki_thumbprint = identity.spki_thumbprint;
      caller.administrator = identity.administrator;
      return caller;
    }
  }
  const std::string_view header = Metadata(context, "authorization");
  if (!header.starts_with(kBearer)) return caller;
  caller.kind = CallerKind::kToken;
  caller.bearer_token = header.substr(kBearer.size());
  caller.proof = Metadata(context, "limpid-proof");
  return caller;
}

}  // namespace limpid::rpc
