// SPDX-License-Identifier: Apache-2.0
// Makes and removes real pods through the CRI, the way a kubelet does: one sandbox with one
// container, the kubelet's labels on both, the host's network (so that no CNI plugin is needed).
// Used by the live tests and the demo; swolld itself never makes a pod.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "cri.grpc.pb.h"

namespace {

namespace cri = runtime::v1;

constexpr const char* usage =
    "usage: cri-pod [--socket unix:///PATH] COMMAND\n"
    "  run --name POD --namespace NS [--uid UID] [--label K=V]... [--pid node|pod|container]\n"
    "      [--container NAME] [--image IMAGE] [--cgroup-parent PATH] [--mount HOST:CONTAINER]...\n"
    "      -- CMD [ARG]...      starts a pod, prints \"POD_ID CONTAINER_ID\"\n"
    "  add POD_ID OPTION... -- CMD [ARG]...   starts one more container in it, prints its id;\n"
    "      the options are those of run, and those of the pod must be as they were\n"
    "  rm POD_ID...             stops and removes pods with their containers\n"
    "  version                  prints the runtime's name and version\n";

struct UsageError : std::runtime_error {
  using runtime_error::runtime_error;
};

// What `run` was asked for. A value.
struct PodOptions {
  std::string name, nameSpace;
  std::string uid;  // empty: one is made from the name
  std::string container = "main";
  std::string image = "localhost/swoll-test:1";
  std::string cgroupParent;
  cri::NamespaceMode pid = cri::CONTAINER;
  std::map<std::string, std::string> labels;
  std::vector<std::pair<std::string, std::string>> mounts;
  std::vector<std::string> command;
};

std::pair<std::string, std::string> splitAt(std::string_view text, char mark, const char* what) {
  size_t at = text.find(mark);
  if (at == text.npos) throw UsageError(std::string(what) + " lacks a '" + mark + "'");
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

cri::NamespaceMode pidMode(std::string_view name) {
  if (name == "node") return cri::NODE;
  if (name == "pod") return cri::POD;
  if (name == "container") return cri::CONTAINER;
  throw UsageError("--pid is node, pod or container");
}

using Option = std::function<void(PodOptions&, const std::string&)>;

const std::map<std::string_view, Option> runOptions = {
    {"--name", [](auto& o, auto& v) { o.name = v; }},
    {"--namespace", [](auto& o, auto& v) { o.nameSpace = v; }},
    {"--uid", [](auto& o, auto& v) { o.uid = v; }},
    {"--container", [](auto& o, auto& v) { o.container = v; }},
    {"--image", [](auto& o, auto& v) { o.image = v; }},
    {"--cgroup-parent", [](auto& o, auto& v) { o.cgroupParent = v; }},
    {"--pid", [](auto& o, auto& v) { o.pid = pidMode(v); }},
    {"--label", [](auto& o, auto& v) { o.labels.insert(splitAt(v, '=', "--label")); }},
    {"--mount", [](auto& o, auto& v) { o.mounts.push_back(splitAt(v, ':', "--mount")); }},
};

PodOptions parseRun(const std::vector<std::string>& args) {
  PodOptions options;
  size_t i = 0;
  for (; i < args.size() && args[i] != "--"; i += 2) {
    auto option = runOptions.find(args[i]);
    if (option == runOptions.end()) throw UsageError("unknown option " + args[i]);
    if (i + 1 == args.size()) throw UsageError(args[i] + " lacks a value");
    option->second(options, args[i + 1]);
  }
  if (i < args.size()) options.command.assign(args.begin() + i + 1, args.end());
  if (options.name.empty() || options.nameSpace.empty())
    throw UsageError("run needs --name and --namespace");
  if (options.command.empty()) throw UsageError("run needs a command after --");
  if (options.uid.empty()) options.uid = "uid-" + options.nameSpace + "-" + options.name;
  return options;
}

// A connection to the runtime. A resource.
class Runtime {
 public:
  explicit Runtime(const std::string& socket)
      : stub(cri::RuntimeService::NewStub(
            grpc::CreateChannel(socket, grpc::InsecureChannelCredentials()))) {}

  // Performs one method, e.g. call(&Stub::Version, request).
  template <typename Request, typename Answer>
  Answer call(grpc::Status (cri::RuntimeService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Answer*),
              const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(300));
    Answer answer;
    grpc::Status status = ((*stub).*method)(&context, request, &answer);
    if (!status.ok())
      throw std::runtime_error(Request::descriptor()->name() + ": " + status.error_message());
    return answer;
  }

 private:
  std::unique_ptr<cri::RuntimeService::Stub> stub;
};

using Stub = cri::RuntimeService::Stub;

cri::PodSandboxConfig sandboxConfig(const PodOptions& options) {
  cri::PodSandboxConfig config;
  auto& metadata = *config.mutable_metadata();
  metadata.set_name(options.name);
  metadata.set_namespace_(options.nameSpace);
  metadata.set_uid(options.uid);
  auto& labels = *config.mutable_labels();
  labels["io.kubernetes.pod.name"] = options.name;
  labels["io.kubernetes.pod.namespace"] = options.nameSpace;
  labels["io.kubernetes.pod.uid"] = options.uid;
  for (auto& [key, value] : options.labels) labels[key] = value;
  config.mutable_linux()->set_cgroup_parent(options.cgroupParent);
  auto& namespaces =
      *config.mutable_linux()->mutable_security_context()->mutable_namespace_options();
  namespaces.set_network(cri::NODE);
  namespaces.set_pid(options.pid);
  return config;
}

cri::ContainerConfig containerConfig(const PodOptions& options) {
  cri::ContainerConfig config;
  config.mutable_metadata()->set_name(options.container);
  config.mutable_image()->set_image(options.image);
  for (auto& word : options.command) config.add_command(word);
  for (auto& [host, inside] : options.mounts) {
    auto& mount = *config.add_mounts();
    mount.set_host_path(host);
    mount.set_container_path(inside);
  }
  auto& labels = *config.mutable_labels();
  labels["io.kubernetes.container.name"] = options.container;
  labels["io.kubernetes.pod.name"] = options.name;
  labels["io.kubernetes.pod.namespace"] = options.nameSpace;
  labels["io.kubernetes.pod.uid"] = options.uid;
  auto& namespaces =
      *config.mutable_linux()->mutable_security_context()->mutable_namespace_options();
  namespaces.set_network(cri::NODE);
  namespaces.set_pid(options.pid);
  return config;
}

// Stopping a sandbox kills what runs in it; removing it removes its containers. Both may be asked
// for again (cri.proto), and a kubelet does: containerd answers with an error ("ttrpc: closed")
// where a container ends by itself while it is being killed.
void removePod(Runtime& runtime, const std::string& id) {
  constexpr int maxTries = 50;
  cri::StopPodSandboxRequest stop;
  stop.set_pod_sandbox_id(id);
  cri::RemovePodSandboxRequest remove;
  remove.set_pod_sandbox_id(id);
  for (int tries = 1;; tries++) {
    try {
      runtime.call(&Stub::StopPodSandbox, stop);
      runtime.call(&Stub::RemovePodSandbox, remove);
      return;
    } catch (const std::runtime_error& error) {
      if (tries == maxTries) throw;
      std::cerr << "cri-pod: once more: " << error.what() << '\n';
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
}

std::string startContainer(Runtime& runtime, const PodOptions& options, const std::string& pod,
                           const cri::PodSandboxConfig& sandbox) {
  cri::CreateContainerRequest create;
  create.set_pod_sandbox_id(pod);
  *create.mutable_config() = containerConfig(options);
  *create.mutable_sandbox_config() = sandbox;
  std::string id = runtime.call(&Stub::CreateContainer, create).container_id();
  cri::StartContainerRequest start;
  start.set_container_id(id);
  runtime.call(&Stub::StartContainer, start);
  return id;
}

void run(Runtime& runtime, const std::vector<std::string>& args) {
  PodOptions options = parseRun(args);
  cri::RunPodSandboxRequest request;
  *request.mutable_config() = sandboxConfig(options);
  std::string pod = runtime.call(&Stub::RunPodSandbox, request).pod_sandbox_id();
  try {
    std::string container = startContainer(runtime, options, pod, request.config());
    std::cout << pod << ' ' << container << '\n';
  } catch (...) {
    removePod(runtime, pod);  // a failed `run` leaves nothing behind
    throw;
  }
}

void add(Runtime& runtime, const std::vector<std::string>& args) {
  if (args.empty()) throw UsageError("add needs a pod's id");
  PodOptions options = parseRun({args.begin() + 1, args.end()});
  std::cout << startContainer(runtime, options, args[0], sandboxConfig(options)) << '\n';
}

void rm(Runtime& runtime, const std::vector<std::string>& args) {
  if (args.empty()) throw UsageError("rm needs a pod's id");
  for (auto& id : args) removePod(runtime, id);
}

void version(Runtime& runtime, const std::vector<std::string>&) {
  auto answer = runtime.call(&Stub::Version, cri::VersionRequest());
  std::cout << answer.runtime_name() << ' ' << answer.runtime_version() << '\n';
}

const std::map<std::string_view, void (*)(Runtime&, const std::vector<std::string>&)> commands = {
    {"run", run}, {"add", add}, {"rm", rm}, {"version", version}};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  std::string socket = "unix:///run/containerd/containerd.sock";
  int status = 0;
  try {
    if (args.size() >= 2 && args[0] == "--socket") {
      socket = args[1];
      args.erase(args.begin(), args.begin() + 2);
    }
    if (args.empty() || !commands.count(args[0])) throw UsageError("no such command");
    Runtime runtime(socket);
    commands.at(args[0])(runtime, {args.begin() + 1, args.end()});
  } catch (const UsageError& error) {
    std::cerr << "cri-pod: " << error.what() << '\n' << usage;
    status = 2;
  } catch (const std::exception& error) {
    std::cerr << "cri-pod: " << error.what() << '\n';
    status = 1;
  }
  return status;
}
