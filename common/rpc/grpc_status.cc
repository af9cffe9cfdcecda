#include "common/rpc/grpc_status.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/mutex.h"
#include "common/base/text.h"

namespace limpid::rpc {
namespace {

// Trailers share the metadata cap with everything else.
constexpr std::size_t kMaxMessageBytes = 1024;

// Our fault, or an alarm: nothing of the inside goes out.
bool StaysInside(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal ||
         code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

class SinkHolder {
 public:
  void Set(AlarmSink sink) {
    auto held = std::make_shared<const AlarmSink>(std::move(sink));
    const base::MutexLock lock(mutex_);
    sink_.swap(held);
  }
  [[nodiscard]] std::shared_ptr<const AlarmSink> Get() const {
    const base::MutexLock lock(mutex_);
    return sink_;
  }

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const AlarmSink> sink_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<const AlarmSink>();
};

SinkHolder& Alarms() {
  static SinkHolder holder;
  return holder;
}

// Returns the reference.
std::string TellSink(const absl::Status& status) {
  const auto random = base::RandomIdBytes();
  std::string reference = base::HexEncode(base::ByteView(random).first(6));
  const auto sink = Alarms().Get();
  if (*sink) (*sink)(status.code(), reference, base::ToStd(status.message()));
  return reference;
}

grpc::Status Hidden(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()),
          absl::StrCat("the server failed; its log says why under reference ",
                       TellSink(status))};
}

// At most kMaxMessageBytes, cut before a UTF-8 continuation byte.
std::string Cut(std::string_view message) {
  if (message.size() <= kMaxMessageBytes) return std::string(message);
  std::size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U)
    --end;
  return std::string(message.substr(0, end));
}

}  // namespace

void SetAlarmSink(AlarmSink sink) { Alarms().Set(std::move(sink)); }

void Alarm(const absl::Status& status) {
  if (StaysInside(status.code())) (void)TellSink(status);
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  if (StaysInside(status.code())) return Hidden(status);
  return {static_cast<grpc::StatusCode>(status.code()),
          Cut(base::ToStd(status.message()))};
}

absl::Status FromGrpc(const grpc::Status& status) {
  const int code = status.error_code();
  if (code == 0) return absl::OkStatus();
  const bool known = code > 0 && code <= 16;
  return {
      known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
      base::ToAbsl(status.error_message())};
}

}  // namespace limpid::rpc
