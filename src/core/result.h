// Result<T> and Status: the outcome of an operation that can fail.
//
// Three kinds of wrong have three idioms. The data is wrong: a Reason (model/reason.h), never an
// Error. The operation failed: a Result. The program is wrong: CHECK (core/check.h).
//
// An Error says what the caller can do (kind), what happened (a code of the catalogue with its
// arguments) and where (context added on the way up). It holds no text for people: the texts live
// in model/catalogue.inc, in every language, and are put in by whoever prints.
//
// Ownership: values. Threads: as any value.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/check.h"

namespace eclusa {

enum class ErrorKind {
  kInvalid,        // the request or its input is wrong: tell the user, do not retry
  kNotFound,       // what it names is not there
  kConflict,       // somebody else changed what this was built on: retry the whole unit
  kUnavailable,    // a server, a disk, a network is away: retry with back-off
  kCommitUnknown,  // the answer to a commit was lost: look before doing anything
  kCancelled,      // the user, a signal or a stop token ended it
  kInternal,       // a fault of this program
};

using ErrorArguments = std::vector<std::pair<std::string, std::string>>;

class [[nodiscard]] Error {
 public:
  // `code` is a code of the catalogue ("file.not_found"); `arguments` fill its text by name.
  Error(ErrorKind kind, std::string_view code, ErrorArguments arguments = {})
      : kind_(kind), code_(code), arguments_(std::move(arguments)) {}

  // Adds where it happened; the outermost caller adds last.
  Error&& With(std::string context) && {
    context_.push_back(std::move(context));
    return std::move(*this);
  }
  // The SQLSTATE of a server's error; five characters.
  Error&& WithSqlState(std::string sql_state) && {
    sql_state_ = std::move(sql_state);
    return std::move(*this);
  }

  ErrorKind kind() const { return kind_; }
  const std::string& code() const { return code_; }
  const ErrorArguments& arguments() const { return arguments_; }
  const std::vector<std::string>& context() const { return context_; }
  const std::string& sql_state() const { return sql_state_; }

 private:
  ErrorKind kind_;
  std::string code_;
  ErrorArguments arguments_;
  std::vector<std::string> context_;
  std::string sql_state_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that `return value;` and `return error;` work.
  // Implicit, so that a function may return its value or its error as they are.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    CHECK(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { CHECK(ok()); }
  const Error& error() const& {
    CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

inline Status Ok() { return {}; }

}  // namespace eclusa

// Yields the value of a Result, or returns its error from the enclosing function.
#define TRY(expression)                                         \
  __extension__({                                               \
    auto try_result = (expression);                             \
    if (!try_result.ok()) return std::move(try_result).error(); \
    std::move(try_result).value();                              \
  })

// The same, and says where: TRY_WITH(stager.Open(), "staging " + name).
#define TRY_WITH(expression, where)                                         \
  __extension__({                                                           \
    auto try_result = (expression);                                         \
    if (!try_result.ok()) return std::move(try_result).error().With(where); \
    std::move(try_result).value();                                          \
  })
