// Times of messages, both ways. One room, so that they are read alike
// everywhere.

#ifndef LIMPID_CLIENTS_CPP_WIRE_TIME_H_
#define LIMPID_CLIENTS_CPP_WIRE_TIME_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace limpid::client {

// Nanosecond precision; an unset time is 1970.
absl::Time TimeOf(const google::protobuf::Timestamp& time);
// What is below a nanosecond is cut off.
google::protobuf::Timestamp ToWire(absl::Time time);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_WIRE_TIME_H_
