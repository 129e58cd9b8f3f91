// SPDX-License-Identifier: Apache-2.0
// swollctl: talks to swolld over its socket.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <string_view>

#include "ctl/complete.h"
#include "ctl/errors.h"
#include "ctl/output.h"
#include "ctl/usage.h"
#include "ctl/verb.h"

#ifndef SWOLL_VERSION
#define SWOLL_VERSION "unknown"
#endif

namespace swoll::ctl {
namespace {

struct Verb {
  const char* parent;  // "": none
  const char* name;
  const char* help;
  Define* define;              // null: only holds others
  const char* also = nullptr;  // a format that it has besides text and json
};

const Verb verbs[] = {
#define VERB(...) {__VA_ARGS__},
#define GROUP VERB
#include "ctl/verbs.def"
#undef VERB
#undef GROUP
};

// Parsed into by CLI11.
struct GlobalOptions {
  std::string socket = "/run/swoll/swolld.sock";
  std::string format = "text";
  bool noColor = false;

  void define(CLI::App& app) {
    app.add_option("--socket", socket, "Where swolld listens")
        ->type_name("PATH")
        ->envname("SWOLL_SOCKET")
        ->capture_default_str();
    app.add_option("-o,--output", format,
                   "text, json, for events strace: lines as of 'strace -f -tt -T', for traces "
                   "yaml: as 'trace apply' takes it")
        ->type_name("FORMAT");
    app.add_flag("--no-color", noColor, "No colours, as with the variable NO_COLOR");
    app.set_version_flag("--version", "swollctl " SWOLL_VERSION);
  }

  Globals globals() const {
    const char* term = getenv("TERM");
    bool capable = isatty(STDOUT_FILENO) && term != nullptr && term != std::string_view("dumb");
    bool wanted = !noColor && getenv("NO_COLOR") == nullptr;
    return {socket, formatNamed(), capable && wanted};
  }

 private:
  Format formatNamed() const {
    if (format == "json") return Format::json;
    if (format == "yaml") return Format::yaml;
    return format == "strace" ? Format::strace : Format::text;
  }
};

// As CLI11 says it of its own checks.
void checkFormat(const Verb& verb, const std::string& format) {
  std::string known = std::string("text,json") + (verb.also ? std::string(",") + verb.also : "");
  if (format == "text" || format == "json" || (verb.also && format == verb.also)) return;
  throw CLI::ValidationError("--output", format + " not in {" + known + "}");
}

// Runs an action and turns the ways it can fail into a line and a status.
int perform(Action& action, const Globals& globals) {
  try {
    return action(globals);
  } catch (const UsageError& error) {
    complain(error.what());
    return usage;
  } catch (const Unreachable& error) {
    complain(error.what());
    return unreachable;
  } catch (const kj::Exception& error) {
    if (error.getType() == kj::Exception::Type::DISCONNECTED) {
      complain("lost swolld at " + globals.socket + ": " + reason(error));
      return unreachable;
    }
    complain(reason(error));
    return failed;
  } catch (const std::exception& error) {
    complain(error.what());
    return failed;
  }
}

// The command that was given.
const CLI::App* innermost(const CLI::App& app) {
  auto parsed = app.get_subcommands();
  return parsed.empty() ? &app : innermost(*parsed.front());
}

struct Command {
  const Verb* verb;
  Action action;
};

int run(int argc, char** argv) {
  CLI::App app("Traces the system calls of containers, with swolld.", "swollctl");
  app.require_subcommand(1);
  GlobalOptions options;
  options.define(app);

  std::map<const CLI::App*, Command> commands;
  for (const auto& verb : verbs) {
    auto* parent = *verb.parent == '\0' ? &app : app.get_subcommand(verb.parent);
    auto* command = parent->add_subcommand(verb.name, verb.help);
    command->fallthrough();  // the global options are taken anywhere
    if (verb.define != nullptr) {
      commands.emplace(command, Command{&verb, verb.define(*command)});
    } else {
      command->require_subcommand(1);
    }
  }

  // For shells, not for people: it is no command of its own, so that help does not show it.
  if (argc > 1 && argv[1] == std::string_view("complete")) {
    for (const auto& word : completions(app, {argv + 2, argv + argc})) printLine(word);
    return success;
  }

  Command* command = nullptr;
  try {
    app.parse(argc, argv);
    command = &commands.at(innermost(app));
    checkFormat(*command->verb, options.format);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    complain(explainUsage(app, error));
    return usage;
  }
  return perform(command->action, options.globals());
}

}  // namespace
}  // namespace swoll::ctl

int main(int argc, char** argv) {
  // A reader that has gone is noticed where it is written to.
  signal(SIGPIPE, SIG_IGN);
  return swoll::ctl::run(argc, argv);
}
