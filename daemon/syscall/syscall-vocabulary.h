// SPDX-License-Identifier: Apache-2.0
// The words in which schema/syscalls.def and schema/variants.def are written.
#pragma once

#include <initializer_list>

#include "syscall/condition-vocabulary.h"
#include "syscall/layout.h"
#include "syscall/syscall-table.h"

namespace swoll::vocabulary {

using namespace conditionVocabulary;

// Rows as they are written: plain data, which the compiler lays out. What follows from a layout is
// put in when the table is made (syscall/syscall-table.cc).
struct CallRow {
  const char* name;
  int16_t number[archCount];
  const char* klass;
  const char* group;
  std::initializer_list<Arg> args;
  Returns result = {};
};
struct VariantRow {
  const char* calls;
  uint8_t selector;
  uint32_t mask;
  std::initializer_list<uint32_t> values;
  std::initializer_list<Arg> args;
  Returns result = {};
};
// A size that is the layout's, a width that is the C type's.
inline constexpr uint16_t ofLayout = UINT16_MAX;
inline constexpr uint8_t ofType = 0;

// What a register holds: one function a kind, with its usual C type.
using K = ArgKind;

constexpr Arg value(const char* n, K kind, const char* t, const char* set = "") {
  return {.name = n, .kind = kind, .ctype = t, .set = set, .width = ofType};
}
constexpr Arg sint(const char* n, const char* t = "int") { return value(n, K::sint, t); }
constexpr Arg uint(const char* n, const char* t = "unsigned int") { return value(n, K::uint, t); }
constexpr Arg slong(const char* n, const char* t = "long") { return value(n, K::sint, t); }
constexpr Arg ulong(const char* n, const char* t = "unsigned long") { return value(n, K::uint, t); }
constexpr Arg size(const char* n) { return value(n, K::uint, "size_t"); }
constexpr Arg hex(const char* n, const char* t = "unsigned long") { return value(n, K::hex, t); }
constexpr Arg address(const char* n, const char* t = "void *") { return value(n, K::address, t); }
constexpr Arg octal(const char* n, const char* t = "umode_t") { return value(n, K::octal, t); }
constexpr Arg mode(const char* n) { return value(n, K::mode, "umode_t"); }
constexpr Arg id(const char* n, const char* t) { return value(n, K::id, t); }
constexpr Arg fd(const char* n) { return value(n, K::fd, "int"); }
constexpr Arg dirfd(const char* n) { return value(n, K::dirfd, "int"); }
constexpr Arg signal(const char* n) { return value(n, K::signal, "int"); }
constexpr Arg device(const char* n) { return value(n, K::device, "unsigned int"); }
constexpr Arg flags(const char* n, const char* set, const char* t = "int") {
  return value(n, K::flags, t, set);
}
constexpr Arg enumeration(const char* n, const char* set, const char* t = "int") {
  return value(n, K::enumeration, t, set);
}

// Then what it points to: read by the kernel programs.
inline constexpr uint8_t entry = SWOLL_AT_entry, onExit = SWOLL_AT_exit;
constexpr Arg pointer(const char* n, K kind, const char* t, swoll_op op, uint8_t when) {
  return {.name = n, .kind = kind, .ctype = t, .width = 8, .op = op, .when = when};
}
constexpr Arg string(const char* n) {
  return pointer(n, K::text, "const char *", SWOLL_OP_string, entry);
}
// A string that the call looks up: relative ones begin at the dirfd just before it, if there is
// one, or at the working folder. What a symlink is to hold is a string.
constexpr Arg path(const char* n) {
  Arg arg = string(n);
  arg.isPath = true;
  return arg;
}
constexpr Arg strings(const char* n) {
  return pointer(n, K::list, "const char *const *", SWOLL_OP_strings, entry);
}
// `length` bytes of any kind: the argument of that index says how many.
constexpr Arg sized(Arg arg, swoll_length length, int lengthArg) {
  arg.length = length;
  arg.lengthArg = int8_t(lengthArg);
  return arg;
}
constexpr Arg bufferIn(const char* n, int length) {
  return sized(pointer(n, K::text, "const void *", SWOLL_OP_buffer, entry), SWOLL_LEN_arg, length);
}
// Filled by the call; the result says how far, the argument how large it is.
constexpr Arg bufferOut(const char* n, int length) {
  return sized(pointer(n, K::text, "void *", SWOLL_OP_buffer, onExit), SWOLL_LEN_ret, length);
}
constexpr Arg sockaddrIn(const char* n, int length) {
  return sized(pointer(n, K::sockaddr, "const struct sockaddr *", SWOLL_OP_memory, entry),
               SWOLL_LEN_arg, length);
}
constexpr Arg sockaddrOut(const char* n, int length) {
  return sized(pointer(n, K::sockaddr, "struct sockaddr *", SWOLL_OP_memory, onExit),
               SWOLL_LEN_pointer, length);
}
// Structures: `layout` is a row of schema/structs.def. Without a type it is a pointer to a struct
// of that name. It and the layout's size are put in where the table is made.
constexpr Arg structure(const char* n, const char* layout, uint8_t when, const char* t) {
  Arg arg = pointer(n, K::structure, t, SWOLL_OP_memory, when);
  arg.set = layout;
  arg.size = arg.compatSize = ofLayout;
  return arg;
}
constexpr Arg in(const char* n, const char* layout, const char* t = nullptr) {
  return structure(n, layout, entry, t);
}
constexpr Arg out(const char* n, const char* layout, const char* t = nullptr) {
  return structure(n, layout, onExit, t);
}
// Read and changed.
constexpr Arg inout(const char* n, const char* layout, const char* t = nullptr) {
  return structure(n, layout, entry | onExit, t);
}
// Argument `length` has the size in bytes; for `out`, of what the call may fill.
constexpr Arg inBytes(const char* n, const char* layout, int length, const char* t = nullptr) {
  return sized(in(n, layout, t), SWOLL_LEN_arg, length);
}
constexpr Arg outBytes(const char* n, const char* layout, int length, const char* t = nullptr) {
  return sized(out(n, layout, t), SWOLL_LEN_arg, length);
}
// Argument `count` has the number of elements.
constexpr Arg inArray(const char* n, const char* layout, int count, const char* t = nullptr) {
  return sized(in(n, layout, t), SWOLL_LEN_count, count);
}
constexpr Arg outArray(const char* n, const char* layout, int count, const char* t = nullptr) {
  return sized(out(n, layout, t), SWOLL_LEN_count, count);
}
// The result is the number of elements that came; argument `count` is the most.
constexpr Arg resultArray(const char* n, const char* layout, int count, const char* t = nullptr) {
  return sized(out(n, layout, t), SWOLL_LEN_ret, count);
}
// The structure says its own size: the 32-bit word at `offset`, and `more` bytes.
constexpr Arg headSized(Arg arg, int offset, uint16_t more) {
  arg = sized(arg, SWOLL_LEN_head, offset);
  arg.size = arg.compatSize = more;
  return arg;
}
// Sets of bits: argument `length` says how many bytes, or bits.
constexpr Arg bytesOf(const char* n, K kind, uint8_t when, int length, const char* t) {
  return sized(pointer(n, kind, t, SWOLL_OP_memory, when), SWOLL_LEN_arg, length);
}
constexpr Arg bitsOf(const char* n, K kind, uint8_t when, int length, const char* t) {
  return sized(pointer(n, kind, t, SWOLL_OP_memory, when), SWOLL_LEN_bits, length);
}
constexpr Arg signalSetIn(const char* n, int length, const char* t = "const sigset_t *") {
  return bytesOf(n, K::signalSet, entry, length, t);
}
constexpr Arg signalSetOut(const char* n, int length, const char* t = "sigset_t *") {
  return bytesOf(n, K::signalSet, onExit, length, t);
}
constexpr Arg fdSets(const char* n, int length) {
  Arg arg = bitsOf(n, K::fdSet, entry | onExit, length, "fd_set *");
  arg.told = true;
  return arg;
}
// Vectors: argument `count` has the number of elements.
constexpr Arg vectorIn(const char* n, int count) {
  return sized(pointer(n, K::vector, "const struct iovec *", SWOLL_OP_iovec, entry), SWOLL_LEN_arg,
               count);
}
constexpr Arg vectorOut(const char* n, int count) {
  Arg arg = sized(pointer(n, K::vector, "const struct iovec *", SWOLL_OP_iovec, entry | onExit),
                  SWOLL_LEN_arg, count);
  arg.replaces = true;
  return arg;
}
constexpr Arg vectorOnly(const char* n, int count) {
  return sized(pointer(n, K::vector, "const struct iovec *", SWOLL_OP_iovecOnly, entry),
               SWOLL_LEN_arg, count);
}
constexpr Arg messageIn(const char* n) {
  return pointer(n, K::message, "const struct user_msghdr *", SWOLL_OP_msghdr, entry);
}
constexpr Arg messageOut(const char* n) {
  Arg arg = pointer(n, K::message, "struct user_msghdr *", SWOLL_OP_msghdr, entry | onExit);
  arg.set = "filled";
  arg.replaces = true;
  return arg;
}
constexpr Arg messagesIn(const char* n, int count) {
  return sized(pointer(n, K::messages, "struct mmsghdr *", SWOLL_OP_mmsghdr, entry | onExit),
               SWOLL_LEN_arg, count);
}
constexpr Arg messagesOut(const char* n, int count) {
  Arg arg =
      sized(pointer(n, K::messages, "struct mmsghdr *", SWOLL_OP_mmsghdrFilled, entry | onExit),
            SWOLL_LEN_arg, count);
  arg.set = "filled";
  arg.replaces = true;
  return arg;
}
// What the call fills only when it fills what argument `other` points to, too.
constexpr Arg givenWith(int other, Arg arg) {
  arg.givenWith = int8_t(other);
  return arg;
}
// What is given only with a result above 0.
constexpr Arg ifPositive(Arg arg) {
  arg.when = uint8_t((arg.when & ~SWOLL_AT_exit) | SWOLL_AT_positive);
  return arg;
}
// Files and the machine.
constexpr Arg bytesAs(Arg arg, K kind) {
  arg.kind = kind;
  return arg;
}
constexpr Arg numbered(const char* n, const char* set, const char* t = "int") {
  return value(n, K::decimalNamed, t, set);
}
// The upper or lower half of the argument before, on 32-bit ABIs.
constexpr Arg upper(const char* n) {
  Arg arg = value(n, K::uint, "unsigned long");
  arg.share = Share::upper;
  return arg;
}
constexpr Arg lower(const char* n) {
  Arg arg = value(n, K::uint, "unsigned long");
  arg.share = Share::lower;
  return arg;
}
// Without meaning in this variant.
constexpr Arg unused(Arg arg) {
  arg.share = Share::unused;
  return arg;
}
// What it has become is part of strace's result, or nowhere.
constexpr Arg told(Arg arg) {
  arg.told = true;
  return arg;
}
// The register is shown with all of its bits, though the kernel takes an int.
constexpr Arg wide(Arg arg) {
  arg.width = 8;
  return arg;
}
// A structure that the call refuses when the caller gives fewer bytes than it has members.
constexpr Arg whole(Arg arg) {
  arg.isWhole = true;
  return arg;
}
constexpr Arg atLeast(Arg arg, uint16_t bytes) {
  arg.least = arg.compatLeast = bytes;
  return arg;
}
// A set that the call takes in no other size than the kernel's.
constexpr Arg wholeSetIn(const char* n, int length, const char* t = "const sigset_t *") {
  return atLeast(signalSetIn(n, length, t), 8);
}
// `count` of a structure, whatever the other arguments say.
constexpr Arg fixedArray(Arg arg, uint16_t count) {
  arg.times = count;
  arg.array = true;
  return arg;
}
constexpr Arg fileStatus(const char* n, const char* layout, const char* t = nullptr) {
  return bytesAs(out(n, layout, t), K::fileStatus);
}
constexpr Arg fileTimes(const char* n, const char* layout, const char* t) {
  return bytesAs(whole(fixedArray(in(n, layout, t), 2)), K::fileTimes);
}
constexpr Arg position(const char* n, bool shown = false) {
  Arg arg = bytesAs(inout(n, "s64", "loff_t *"), K::position);
  return shown ? ifPositive(arg) : told(arg);
}
constexpr Arg pollFds(const char* n, int count) {
  Arg arg = sized(pointer(n, K::pollFds, "struct pollfd *", SWOLL_OP_memory, entry | onExit),
                  SWOLL_LEN_count, count);
  arg.size = arg.compatSize = 8;
  return told(arg);
}
// A structure of two: where a sigset_t is, and its size. It is one struct iovec.
constexpr Arg signalSetAt(const char* n, const char* t) {
  return pointer(n, K::signalSetAt, t, SWOLL_OP_iovec, entry);
}
constexpr Arg handle(const char* n, bool filled) {
  Arg arg = pointer(n, K::fileHandle, "struct file_handle *", SWOLL_OP_memory,
                    filled ? entry | onExit | SWOLL_AT_failure : entry);
  arg.set = filled ? "out" : "";
  return headSized(arg, 0, 8);
}
constexpr Arg aioBlocks(const char* n, int count) {
  Arg arg = sized(pointer(n, K::aioBlocks, "struct iocb **", SWOLL_OP_pointers, entry),
                  SWOLL_LEN_arg, count);
  arg.size = arg.compatSize = 64;
  return arg;
}
// An array whose size in bytes is where argument `length` points to.
constexpr Arg pointedArray(const char* n, const char* layout, int length, const char* t) {
  Arg arg = sized(out(n, layout, t), SWOLL_LEN_pointer, length);
  arg.array = true;
  return arg;
}
constexpr Arg directoryOut(const char* n, const char* layout, int length, const char* t) {
  Arg arg = sized(pointer(n, K::directory, t, SWOLL_OP_memory, onExit), SWOLL_LEN_ret, length);
  arg.set = layout;
  return arg;
}
constexpr Arg attributeOut(const char* n, const char* t = "void *") {
  Arg arg = sized(pointer(n, K::attribute, t, SWOLL_OP_buffer, onExit), SWOLL_LEN_ret, 3);
  return arg;
}

// An argument in another register than that of its place in the row.
constexpr Arg at(int reg, Arg arg) {
  arg.reg = int8_t(reg);
  return arg;
}
constexpr Arg labelled(const char* label, Arg arg) {
  arg.label = label;
  return arg;
}

// Of sockets, signals, System V IPC and clocks.
// The size of what the call fills, before and after.
constexpr Arg sizePointer(const char* n) { return inout(n, "int", "int *"); }
// `how`: "get" where the call reads it.
constexpr Arg socketOption(const char* n, const char* how = "") {
  return value(n, K::socketOption, "int", how);
}
constexpr Arg optionIn(const char* n, int length) {
  return sized(pointer(n, K::optionValue, "const char *", SWOLL_OP_buffer, entry), SWOLL_LEN_arg,
               length);
}
constexpr Arg optionOut(const char* n, int length) {
  return sized(pointer(n, K::optionValue, "char *", SWOLL_OP_buffer, onExit), SWOLL_LEN_pointer,
               length);
}
// By the family; with `how`, the number alone.
constexpr Arg socketProtocol(const char* n, const char* how = "") {
  return value(n, K::socketProtocol, "int", how);
}
constexpr Arg flagsMode(const char* n, const char* set) {
  return value(n, K::flagsMode, "int", set);
}
constexpr Arg signalWord(const char* n, const char* t) { return value(n, K::signalWord, t); }
constexpr Arg handler(const char* n) { return value(n, K::handler, "__sighandler_t *"); }
// A sigset_t of one word, in the 32-bit ABI.
constexpr Arg oldSignalSet(const char* n, uint8_t when) {
  Arg arg = pointer(n, K::signalSet, "old_sigset_t *", SWOLL_OP_memory, when);
  arg.size = arg.compatSize = 4;
  return arg;
}
constexpr Arg siginfo(const char* n, uint8_t when) {
  Arg arg = pointer(n, K::siginfo, "siginfo_t *", SWOLL_OP_memory, when);
  arg.size = arg.compatSize = 128;
  return arg;
}
// A type, and as many bytes as argument `length` says; or the result, where that is less.
constexpr Arg messageText(const char* n, uint8_t when, int length) {
  Arg arg = sized(pointer(n, K::messageText, "struct msgbuf *", SWOLL_OP_memory, when),
                  when == entry ? SWOLL_LEN_argMore : SWOLL_LEN_retMore, length);
  arg.size = 8;
  arg.compatSize = 4;
  return arg;
}
constexpr Arg socketType(const char* n) { return value(n, K::socketType, "int"); }
// What is given when a sleep is cut short.
constexpr Arg ifRestarted(Arg arg) {
  arg.when = SWOLL_AT_restart;
  return arg;
}
inline constexpr Returns resultSignal{K::signal}, resultDate{K::date}, resultSignals{K::signalWord};

// Processes and memory.
constexpr Arg pageOffset(const char* n) { return value(n, K::pageOffset, "unsigned long"); }
constexpr Arg ioprio(const char* n) { return value(n, K::ioprio, "int"); }
constexpr Arg keySerial(const char* n) { return value(n, K::keySerial, "key_serial_t"); }
constexpr Arg request(const char* n) { return value(n, K::request, "unsigned int", "ioctl"); }
// A byte for each page of so many bytes as argument `length` says.
constexpr Arg pageBytes(const char* n, int length) {
  return sized(out(n, "byte", "unsigned char *"), SWOLL_LEN_pages, length);
}
// A mask of nodes: argument `count` says how many bits, and one more.
constexpr Arg nodesIn(const char* n, int count) {
  return sized(in(n, "node_word", "const unsigned long *"), SWOLL_LEN_nodes, count);
}
constexpr Arg nodesOut(const char* n, int count) {
  return sized(out(n, "node_word", "unsigned long *"), SWOLL_LEN_nodes, count);
}
// As many bytes as the result says, at most those of argument `length`.
constexpr Arg resultBytes(const char* n, K kind, int length, const char* t) {
  return sized(pointer(n, kind, t, SWOLL_OP_memory, onExit), SWOLL_LEN_ret, length);
}
constexpr Arg capabilities(const char* n, uint8_t when, const char* t) {
  Arg arg = pointer(n, K::capabilities, t, SWOLL_OP_memory, when);
  arg.size = arg.compatSize = 24;
  return arg;
}
constexpr Arg capabilitiesIn(const char* n) {
  return capabilities(n, entry, "const cap_user_data_t");
}
constexpr Arg capabilitiesOut(const char* n) { return capabilities(n, onExit, "cap_user_data_t"); }
constexpr Arg bitset(const char* n) { return value(n, K::enumeration, "u32", "futex_bitset"); }
constexpr Arg futexWakeOp(const char* n) { return value(n, K::futexWakeOp, "u32"); }
constexpr Arg pidOrAny(const char* n) { return value(n, K::pidOrAny, "unsigned long"); }
constexpr Arg userRegister(const char* n) {
  return enumeration(n, "user_register", "unsigned long");
}
constexpr Arg hexNamed(const char* n, const char* set, const char* t) {
  return value(n, K::hexNamed, t, set);
}
// Text that ends with its NUL, of which the result counts the bytes.
constexpr Arg stringOut(const char* n, int length) {
  Arg arg = bufferOut(n, length);
  arg.kind = K::characters;
  return arg;
}
// One structure, of which the result says how many bytes there are.
constexpr Arg resultStructure(const char* n, const char* layout, int length, const char* t) {
  Arg arg = resultArray(n, layout, length, t);
  arg.size = arg.compatSize = 1;
  return arg;
}
// So many bytes.
constexpr Arg fixed(const char* n, K kind, uint16_t size, const char* t, uint8_t when) {
  Arg arg = pointer(n, kind, t, SWOLL_OP_memory, when);
  arg.size = arg.compatSize = size;
  return arg;
}
constexpr Arg fixedIn(const char* n, K kind, uint16_t size, const char* t) {
  return fixed(n, kind, size, t, entry);
}
constexpr Arg fixedOut(const char* n, K kind, uint16_t size, const char* t) {
  return fixed(n, kind, size, t, onExit);
}
// The name of a thread, of which 15 bytes count.
constexpr Arg name15(const char* n) {
  Arg arg = path(n);
  arg.kind = K::threadName;
  return arg;
}
// A structure whose members are the arguments.
constexpr Arg spread(Arg arg) {
  arg.spread = true;
  return arg;
}

// Results.
inline constexpr Returns resultFd{K::fd}, resultAddress{K::address}, resultOctal{K::octal},
    resultHex{K::hex};
inline constexpr Returns resultReady{K::ready}, resultPersonality{K::personality};
constexpr Returns resultFlags(const char* set) { return {K::flags, set}; }
constexpr Returns resultName(const char* set) { return {K::enumeration, set}; }
constexpr Returns explained(Returns result) {
  result.note = "";
  result.decimal = true;
  return result;
}
constexpr Returns noted(const char* word, Returns result) {
  result.note = word;
  return result;
}

}  // namespace swoll::vocabulary
