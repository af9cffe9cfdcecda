// Tells systemd how the service is doing (the sd_notify protocol: a datagram to
// the socket that $NOTIFY_SOCKET names). Without systemd it does nothing.

#ifndef LIMPID_SERVER_NOTIFY_H_
#define LIMPID_SERVER_NOTIFY_H_

#include <string_view>

namespace limpid::server {

// `state` is a line such as "READY=1", or several. Failures are not told: the
// service runs just as well.
void NotifySystemd(std::string_view state);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_NOTIFY_H_
