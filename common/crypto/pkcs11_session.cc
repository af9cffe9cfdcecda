#include "common/crypto/pkcs11_session.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::crypto {
namespace {

absl::Status AboutToken(absl::StatusCode code, std::string_view token,
                        std::string_view what) {
  return absl::Status(code, absl::StrCat("the token '", base::ToAbsl(token),
                                         "' ", base::ToAbsl(what)));
}

// Labels are padded with blanks to their fixed size.
bool HasLabel(const ck_token_info& info, std::string_view label) {
  std::string_view padded(
      static_cast<const char*>(static_cast<const void*>(&info.label[0])),
      std::size(info.label));
  padded.remove_suffix(padded.size() - 1 - padded.find_last_not_of(' '));
  return padded == label;
}

absl::StatusOr<std::vector<ck_slot_id_t>> SlotsWithToken(
    const ck_function_list& calls) {
  TokenNumber count = 0;
  constexpr unsigned char kWithToken = 1;
  ck_rv_t done = calls.C_GetSlotList(kWithToken, nullptr, &count);
  if (done != CKR_OK) return TokenSilent(done);
  std::vector<ck_slot_id_t> slots(count);
  done = calls.C_GetSlotList(kWithToken, slots.data(), &count);
  if (done != CKR_OK) return TokenSilent(done);
  slots.resize(std::min<std::size_t>(slots.size(), count));
  return slots;
}

struct Found {
  ck_slot_id_t slot = 0;
  ck_flags_t flags = 0;
};

absl::StatusOr<Found> FindToken(const ck_function_list& calls,
                                std::string_view token) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<ck_slot_id_t> slots,
                          SlotsWithToken(calls));
  std::optional<Found> found;
  for (const ck_slot_id_t slot : slots) {
    ck_token_info info{};
    if (calls.C_GetTokenInfo(slot, &info) != CKR_OK) continue;
    if ((info.flags & CKF_TOKEN_INITIALIZED) == 0 || !HasLabel(info, token)) {
      continue;
    }
    if (found) {
      return AboutToken(absl::StatusCode::kFailedPrecondition, token,
                        "is there twice: give one of the two another label");
    }
    found = Found{.slot = slot, .flags = info.flags};
  }
  if (found) return *found;
  return AboutToken(absl::StatusCode::kNotFound, token,
                    "is missing: the PKCS#11 module does not show it");
}

// What the token says of its PIN, asked before a try is spent.
absl::Status CheckPinState(ck_flags_t flags, std::string_view token) {
  const auto refuse = [token](std::string_view what) {
    return AboutToken(absl::StatusCode::kFailedPrecondition, token, what);
  };
  if ((flags & CKF_USER_PIN_LOCKED) != 0) {
    return refuse(
        "is locked after too many wrong PINs: its security officer sets a new "
        "one");
  }
  if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return refuse(
        "allows one more try before it locks: log in once with its own tool");
  }
  if ((flags & CKF_USER_PIN_INITIALIZED) == 0 ||
      (flags & CKF_USER_PIN_TO_BE_CHANGED) != 0) {
    return refuse("has no PIN of its user yet, or an expired one");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TokenSilent(ck_rv_t error) {
  return absl::UnavailableError(absl::StrCat(
      "the token does not answer (PKCS#11 error 0x", absl::Hex(error), ")"));
}

absl::StatusOr<std::unique_ptr<Pkcs11Module>> Pkcs11Module::Load(
    const std::filesystem::path& path) {
  const auto refuse = [&path](std::string_view why) {
    return absl::NotFoundError(
        absl::StrCat("the PKCS#11 module ", path.string(), base::ToAbsl(why)));
  };
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return refuse(" cannot be loaded");
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): dlsym's way
  const auto get_calls = reinterpret_cast<CK_C_GetFunctionList>(
      ::dlsym(library, "C_GetFunctionList"));
  ck_function_list* calls = nullptr;
  if (get_calls == nullptr || get_calls(&calls) != CKR_OK || calls == nullptr) {
    return refuse(" is no PKCS#11 module");
  }
  ck_c_initialize_args arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const ck_rv_t done = calls->C_Initialize(&arguments);
  if (done != CKR_OK && done != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return TokenSilent(done);
  }
  return std::unique_ptr<Pkcs11Module>(
      new Pkcs11Module(*calls, /*started=*/done == CKR_OK));
}

// The library stays loaded: modules leave threads and thread-local objects
// behind whose code must not go.
Pkcs11Module::~Pkcs11Module() {
  if (started_) calls_.C_Finalize(nullptr);
}

absl::StatusOr<std::unique_ptr<Pkcs11Session>> Pkcs11Session::Open(
    std::unique_ptr<Pkcs11Module> module, std::string_view token,
    const base::SecretBytes& pin, bool for_writing) {
  LIMPID_ASSIGN_OR_RETURN(const Found found, FindToken(module->calls(), token));
  LIMPID_RETURN_IF_ERROR(CheckPinState(found.flags, token));
  std::unique_ptr<Pkcs11Session> session(new Pkcs11Session(std::move(module)));
  LIMPID_RETURN_IF_ERROR(session->Begin(found.slot, for_writing));
  LIMPID_RETURN_IF_ERROR(session->Login(token, pin));
  return session;
}

absl::Status Pkcs11Session::Begin(ck_slot_id_t slot, bool for_writing) {
  const ck_flags_t flags =
      CKF_SERIAL_SESSION | (for_writing ? CKF_RW_SESSION : 0UL);
  const ck_rv_t done =
      calls().C_OpenSession(slot, flags, nullptr, nullptr, &handle_);
  if (done != CKR_OK) return TokenSilent(done);
  open_ = true;
  return absl::OkStatus();
}

absl::Status Pkcs11Session::Login(std::string_view token,
                                  const base::SecretBytes& pin) {
  // The interface takes what it only reads as writable.
  base::SecretBytes copy = pin.Clone();
  const auto bytes = copy.RevealMutable(base::SecretAccess::Get());
  const ck_rv_t done =
      calls().C_Login(handle_, CKU_USER, bytes.data(), bytes.size());
  if (done == CKR_OK) {
    logged_in_ = true;
    return absl::OkStatus();
  }
  if (done == CKR_PIN_LOCKED) {
    return CheckPinState(CKF_USER_PIN_LOCKED, token);
  }
  if (done == CKR_USER_ALREADY_LOGGED_IN) {
    return AboutToken(absl::StatusCode::kFailedPrecondition, token,
                      "is in use by this process already");
  }
  if (done == CKR_PIN_INCORRECT || done == CKR_PIN_INVALID ||
      done == CKR_PIN_LEN_RANGE || done == CKR_PIN_EXPIRED) {
    return AboutToken(absl::StatusCode::kPermissionDenied, token,
                      "does not take this PIN; some tokens lock after a few");
  }
  return TokenSilent(done);
}

Pkcs11Session::~Pkcs11Session() {
  if (logged_in_) calls().C_Logout(handle_);
  if (open_) calls().C_CloseSession(handle_);
}

}  // namespace limpid::crypto
