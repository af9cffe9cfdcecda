// A PKCS#11 module whose token is never well: LIMPID_FAKE_TOKEN says how. For
// what SoftHSM cannot be made to do.

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string_view>

namespace {

using Number = decltype(ck_attribute::value_len);

constexpr ck_slot_id_t kSlot = 7;
constexpr ck_session_handle_t kSession = 11;
constexpr std::string_view kLabel = "fake";

bool Is(std::string_view state) {
  const char* const set = std::getenv("LIMPID_FAKE_TOKEN");
  return set != nullptr && state == set;
}

ck_rv_t Initialize(void* /*arguments*/) {
  return Is("does not start") ? CKR_GENERAL_ERROR : CKR_OK;
}

ck_rv_t Finalize(void* /*reserved*/) { return CKR_OK; }

ck_rv_t GetSlotList(unsigned char /*present*/, ck_slot_id_t* slots,
                    Number* count) {
  const Number all = Is("twice") ? 2 : 1;
  if (slots != nullptr) {
    const std::span<ck_slot_id_t> room(slots, std::min(all, *count));
    std::iota(room.begin(), room.end(), kSlot);
  }
  *count = all;
  return CKR_OK;
}

ck_rv_t GetTokenInfo(ck_slot_id_t /*slot*/, ck_token_info* info) {
  *info = {};
  std::fill(std::begin(info->label), std::end(info->label), ' ');
  std::copy(kLabel.begin(), kLabel.end(), std::begin(info->label));
  info->flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;
  if (Is("locked")) info->flags |= CKF_USER_PIN_LOCKED;
  if (Is("final try")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  if (Is("no PIN")) info->flags &= ~CKF_USER_PIN_INITIALIZED;
  return CKR_OK;
}

ck_rv_t OpenSession(ck_slot_id_t /*slot*/, ck_flags_t /*flags*/,
                    void* /*application*/, ck_notify_t /*notify*/,
                    ck_session_handle_t* session) {
  if (Is("removed")) return CKR_DEVICE_REMOVED;
  *session = kSession;
  return CKR_OK;
}

ck_rv_t CloseSession(ck_session_handle_t /*session*/) { return CKR_OK; }

ck_rv_t Login(ck_session_handle_t /*session*/, ck_user_type_t /*user*/,
              unsigned char* /*pin*/, Number /*size*/) {
  // A login that the states above forbid must not even be tried.
  if (Is("locks now")) return CKR_PIN_LOCKED;
  if (Is("in use")) return CKR_USER_ALREADY_LOGGED_IN;
  if (Is("silent later")) return CKR_OK;
  std::abort();
}

ck_rv_t Logout(ck_session_handle_t /*session*/) { return CKR_OK; }

ck_rv_t FindObjectsInit(ck_session_handle_t /*session*/,
                        ck_attribute* /*wanted*/, Number /*count*/) {
  return CKR_DEVICE_ERROR;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the standard's name
extern "C" ck_rv_t C_GetFunctionList(ck_function_list** list) {
  static ck_function_list calls{};
  calls.C_Initialize = Initialize;
  calls.C_Finalize = Finalize;
  calls.C_GetSlotList = GetSlotList;
  calls.C_GetTokenInfo = GetTokenInfo;
  calls.C_OpenSession = OpenSession;
  calls.C_CloseSession = CloseSession;
  calls.C_Login = Login;
  calls.C_Logout = Logout;
  calls.C_FindObjectsInit = FindObjectsInit;
  *list = &calls;
  return CKR_OK;
}
