#include "consent/rpc/log_head_stamp.h"

#include <utility>

#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {

base::Bytes LogHeadStamp::For(const rpc::Caller& caller) {
  const auto person = PersonOf(caller);
  if (!person.ok()) return {};
  auto head = heads_.HeadOf(*person);
  return head.ok() ? *std::move(head) : base::Bytes();
}

}  // namespace limpid::consent
