// A PKCS#11 module whose token is never well: LIMPID_FAKE_TOKEN says how. For
// what SoftHSM cannot be made to do.

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <numeric>
#include <span>
#include <string_view>

namespace {

using Number = decltype(ck_attribute::value_len);

constexpr ck_slot_id_t kSlot = 7;
constexpr ck_session_handle_t kSession = 11;
constexpr ck_object_handle_t kKey = 13;
constexpr Number kKeyBytes = 32;
constexpr Number kTagBytes = 16;
constexpr unsigned char kTagFill = 1;
constexpr std::string_view kLabel = "fake";

bool Is(std::string_view state) {
  const char* const set = std::getenv("LIMPID_FAKE_TOKEN");
  return set != nullptr && state == set;
}

// States in which a key can be opened.
bool HasKey() {
  return Is("says little") || Is("fails to decrypt") || Is("forgets its key");
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
  if (Is("silent later") || HasKey()) return CKR_OK;
  std::abort();
}

ck_rv_t Logout(ck_session_handle_t /*session*/) { return CKR_OK; }

ck_rv_t FindObjectsInit(ck_session_handle_t /*session*/,
                        ck_attribute* /*wanted*/, Number /*count*/) {
  return HasKey() ? CKR_OK : CKR_DEVICE_ERROR;
}

ck_rv_t FindObjects(ck_session_handle_t /*session*/, ck_object_handle_t* found,
                    Number /*room*/, Number* count) {
  *found = kKey;
  *count = 1;
  return CKR_OK;
}

ck_rv_t FindObjectsFinal(ck_session_handle_t /*session*/) { return CKR_OK; }

// Of a key that is all it should be.
ck_rv_t GetAttributeValue(ck_session_handle_t /*session*/,
                          ck_object_handle_t /*key*/, ck_attribute* asked,
                          Number /*count*/) {
  if (asked->type == CKA_VALUE_LEN) {
    *static_cast<Number*>(asked->value) = kKeyBytes;
    return CKR_OK;
  }
  if (asked->type == CKA_ID) asked->value_len = 1;
  *static_cast<unsigned char*>(asked->value) =
      asked->type == CKA_EXTRACTABLE ? 0 : 1;
  return CKR_OK;
}

ck_rv_t CipherInit(ck_session_handle_t /*session*/, ck_mechanism* /*mechanism*/,
                   ck_object_handle_t /*key*/) {
  return Is("forgets its key") ? CKR_GENERAL_ERROR : CKR_OK;
}

// No cipher: a tag of the sum alone is what the tests need.
unsigned char Sum(std::span<const unsigned char> bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), kTagFill,
                         [](unsigned char sum, unsigned char byte) {
                           return static_cast<unsigned char>(sum + byte);
                         });
}

ck_rv_t Encrypt(ck_session_handle_t /*session*/, unsigned char* in,
                Number in_size, unsigned char* out, Number* out_size) {
  const std::span<const unsigned char> from(in, in_size);
  const std::span<unsigned char> to(out, *out_size);
  std::copy(from.begin(), from.end(), to.begin());
  std::fill(to.begin() + static_cast<std::ptrdiff_t>(in_size), to.end(),
            Sum(from));
  *out_size = in_size + kTagBytes;
  return CKR_OK;
}

ck_rv_t Decrypt(ck_session_handle_t /*session*/, unsigned char* in,
                Number in_size, unsigned char* out, Number* out_size) {
  if (Is("fails to decrypt")) return CKR_FUNCTION_FAILED;
  const std::span<const unsigned char> from(in, in_size - kTagBytes);
  if (*std::next(in, static_cast<std::ptrdiff_t>(in_size) - 1) != Sum(from)) {
    return CKR_GENERAL_ERROR;
  }
  std::copy(from.begin(), from.end(), std::span(out, *out_size).begin());
  *out_size = from.size();
  return CKR_OK;
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
  calls.C_FindObjects = FindObjects;
  calls.C_FindObjectsFinal = FindObjectsFinal;
  calls.C_GetAttributeValue = GetAttributeValue;
  calls.C_EncryptInit = CipherInit;
  calls.C_Encrypt = Encrypt;
  calls.C_DecryptInit = CipherInit;
  calls.C_Decrypt = Decrypt;
  *list = &calls;
  return CKR_OK;
}
