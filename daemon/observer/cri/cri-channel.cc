// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-channel.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace swoll {

std::shared_ptr<grpc::Channel> dial(const std::string& socketPath) {
  constexpr int kMaxMessage = 16 << 20;  // what a kubelet allows
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  // A new client starts afresh, not within an old one's back-off.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  return grpc::CreateCustomChannel("unix://" + socketPath, grpc::InsecureChannelCredentials(),
                                   arguments);
}

void keepForEver(const std::shared_ptr<grpc::Channel>& channel) {
  // Used: a pointer that nobody reads would not be there for a leak checker to see.
  [[gnu::used]] static const auto* const kept = new std::shared_ptr<grpc::Channel>(channel);
}

std::string knock(const std::string& socketPath) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socketPath.size() >= sizeof(address.sun_path)) return "path too long";
  socketPath.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return std::strerror(errno);
  const int failed =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
  close(fd);
  switch (failed) {
    case 0:
      return "";
    case ENOENT:
      return "no such file";
    case ECONNREFUSED:
      return "nobody listens";
    case EACCES:
      return "permission denied";
    default:
      return std::strerror(failed);
  }
}

std::string tidy(std::string_view text) {
  std::string line(text.substr(0, 100));
  for (char& c : line)
    if (c < ' ' || c > '~') c = '?';
  return line;
}

std::string describe(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return "";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "did not answer within " + std::to_string(kCriCallTime.count()) + "s";
    case grpc::StatusCode::UNAVAILABLE:
      return "broke off, or speaks no gRPC";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "speaks no CRI v1";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "answers with too much";
    default:
      return "answers with an error: " + tidy(status.error_message());
  }
}

void CallGate::shut() {
  const std::lock_guard lock(mutex_);
  shut_ = true;
  if (underWay_) underWay_->TryCancel();
}

CallGate::Pass::Pass(CallGate& gate, grpc::ClientContext& context) : gate_(gate) {
  const std::lock_guard lock(gate_.mutex_);
  gate_.underWay_ = &context;
  if (gate_.shut_) context.TryCancel();
}

CallGate::Pass::~Pass() {
  const std::lock_guard lock(gate_.mutex_);
  gate_.underWay_ = nullptr;
}

}  // namespace swoll
