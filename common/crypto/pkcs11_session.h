// A logged-in session with a PKCS#11 token: the module loaded, the token
// found, the PIN shown. For the .cc files of this folder; no other header
// includes it.

#ifndef LIMPID_COMMON_CRYPTO_PKCS11_SESSION_H_
#define LIMPID_COMMON_CRYPTO_PKCS11_SESSION_H_

#include <p11-kit/pkcs11.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// CK_ULONG of the standard. The build asks the header for its plain C names,
// which have none for it, instead of macros for every field (CRYPTOKI_GNU).
using TokenNumber = decltype(ck_attribute::value_len);

// A module, loaded and started. Lives as long as a session needs it.
class Pkcs11Module {
 public:
  // Errors:
  //   kNotFound     `path` cannot be loaded or is no PKCS#11 module.
  //   kUnavailable  it does not start.
  static absl::StatusOr<std::unique_ptr<Pkcs11Module>> Load(
      const std::filesystem::path& path);
  ~Pkcs11Module();
  Pkcs11Module(const Pkcs11Module&) = delete;
  Pkcs11Module& operator=(const Pkcs11Module&) = delete;

  [[nodiscard]] const ck_function_list& calls() const { return calls_; }

 private:
  Pkcs11Module(const ck_function_list& calls, bool started)
      : calls_(calls), started_(started) {}

  const ck_function_list& calls_;
  // Otherwise somebody else in this process uses the module and ends it.
  const bool started_;
};

// Thread-compatible: the token key's mutex guards it, because SoftHSM 2.6 is
// not safe when called by two threads.
class Pkcs11Session {
 public:
  // Finds the initialised token labelled `token` and logs in as its user.
  // `for_writing` may make objects.
  //
  // Errors, each one sentence:
  //   kNotFound            no such token.
  //   kFailedPrecondition  two tokens have the label; the token is locked, one
  //                        wrong PIN would lock it, it has no PIN yet, or this
  //                        process is logged in already.
  //   kPermissionDenied    it does not take the PIN.
  //   kUnavailable         it does not answer.
  static absl::StatusOr<std::unique_ptr<Pkcs11Session>> Open(
      std::unique_ptr<Pkcs11Module> module, std::string_view token,
      const base::SecretBytes& pin, bool for_writing);
  ~Pkcs11Session();
  Pkcs11Session(const Pkcs11Session&) = delete;
  Pkcs11Session& operator=(const Pkcs11Session&) = delete;

  [[nodiscard]] const ck_function_list& calls() const {
    return module_->calls();
  }
  [[nodiscard]] ck_session_handle_t handle() const { return handle_; }

 private:
  explicit Pkcs11Session(std::unique_ptr<Pkcs11Module> module)
      : module_(std::move(module)) {}
  absl::Status Begin(ck_slot_id_t slot, bool for_writing);
  absl::Status Login(std::string_view token, const base::SecretBytes& pin);

  const std::unique_ptr<Pkcs11Module> module_;
  ck_session_handle_t handle_ = 0;
  bool open_ = false;
  bool logged_in_ = false;
};

// "the token does not answer (PKCS#11 error 0x30)".
absl::Status TokenSilent(ck_rv_t error);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_PKCS11_SESSION_H_
