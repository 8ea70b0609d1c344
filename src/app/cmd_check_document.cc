#include "app/cmd_check_document.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "control/error_json.h"
#include "types/document_fault.h"

namespace eclusa {
namespace {

namespace json = boost::json;

struct KindName {
  std::string_view name;
  DocumentKind kind;
};
constexpr KindName kKinds[] = {
    {"cpf", DocumentKind::kCpf}, {"cnpj", DocumentKind::kCnpj},
    {"cep", DocumentKind::kCep}, {"cpf_or_cnpj", DocumentKind::kCpfOrCnpj},
    {"uf", DocumentKind::kUf},   {"ibge", DocumentKind::kIbge},
};

std::string_view NameOf(DocumentKind kind) {
  return std::ranges::find(kKinds, kind, &KindName::kind)->name;
}

// What is known of one value.
struct Answer {
  std::string value;
  std::optional<DocumentKind> kind;  // nothing: of no kind's length
  std::string document;              // as it is stored; empty: not valid
  std::string code;                  // what is wrong
  ErrorArguments arguments;
  std::optional<DocumentSlips> slips;
};

// Where the kind is not said: the length tells it, letters tell UF.
std::optional<DocumentKind> KindOf(std::string_view text) {
  const size_t length = FindDocumentFault(DocumentKind::kCnpj, text).found;
  if (length == DocumentSize(DocumentKind::kUf)) return DocumentKind::kUf;
  if (length == DocumentSize(DocumentKind::kIbge)) return DocumentKind::kIbge;
  if (length == DocumentSize(DocumentKind::kCep)) return DocumentKind::kCep;
  // Up to three zeros may be lost at the left of a CPF, as many of a CNPJ.
  const bool number =
      length + 3 > DocumentSize(DocumentKind::kCpf) && length <= DocumentSize(DocumentKind::kCnpj);
  return number ? std::optional(DocumentKind::kCpfOrCnpj) : std::nullopt;
}

Answer Examine(const std::string& value, std::optional<DocumentKind> kind) {
  Answer answer{.value = value, .kind = kind ? kind : KindOf(value)};
  if (!answer.kind) {
    answer.code = code::document_why_no_kind;
    return answer;
  }
  char plain[kDocumentCharactersMax];
  const DocumentFinding finding = FindDocumentFault(*answer.kind, value);
  answer.document = {plain, ReadDocument(*answer.kind, value, plain)};
  answer.kind = finding.kind;
  if (finding.fault == DocumentFault::kNone) return answer;
  answer.code = CodeOf(finding.fault);
  answer.arguments = ArgumentsOf(finding);
  // The kind that was asked about, not the one that it turned out to be.
  if (finding.fault == DocumentFault::kOtherKind) answer.kind = kind;
  if (finding.fault == DocumentFault::kCheckDigits) {
    answer.slips = CountDocumentSlips(finding.kind, value);
  }
  return answer;
}

std::string MessageOf(const Answer& answer, Language language) {
  return Text(Error(ErrorKind::kInvalid, answer.code, answer.arguments), language);
}

json::object ObjectOf(const Answer& answer, Language language) {
  const bool valid = !answer.document.empty();
  json::object object{{"value", FitText(answer.value)},
                      {"kind", nullptr},
                      {"valid", valid},
                      {"document", nullptr},
                      {"placeholder", answer.document == kPlaceholderCpf},
                      {"code", nullptr},
                      {"message", nullptr},
                      {"slips", nullptr}};
  if (answer.kind) object["kind"] = NameOf(*answer.kind);
  if (valid) {
    object["document"] = answer.document;
  } else {
    object["code"] = answer.code;
    object["message"] = FitText(MessageOf(answer, language));
  }
  if (answer.slips) {
    object["slips"] = json::object{{"one_character", answer.slips->one_character},
                                   {"swapped_neighbours", answer.slips->swapped_neighbours}};
  }
  return object;
}

std::string Ways(int count, const CommandContext& context) {
  return fmt::format("{} {}", count,
                     count == 1 ? context.Say("way", "maneira") : context.Say("ways", "maneiras"));
}

std::string SlipsText(const DocumentSlips& slips, const CommandContext& context) {
  if (slips.one_character == 0 && slips.swapped_neighbours == 0) {
    return context.Say("no single wrong character and no exchange of two neighbours explains it",
                       "nenhum caractere errado e nenhuma troca de dois vizinhos explica isso");
  }
  return fmt::format("{} {}, {} {}; {}",
                     context.Say("one wrong character would explain it in",
                                 "um caractere errado explicaria isso de"),
                     Ways(slips.one_character, context),
                     context.Say("two neighbours exchanged in", "dois vizinhos trocados, de"),
                     Ways(slips.swapped_neighbours, context),
                     context.Say("which it was, if any, the number does not tell",
                                 "qual foi, se é que foi, o número não diz"));
}

std::string TextOf(const Answer& answer, const CommandContext& context) {
  const std::string_view name = answer.kind ? DocumentName(*answer.kind) : std::string_view();
  if (answer.document.empty()) {
    const std::string message = MessageOf(answer, context.language);
    std::string text =
        answer.kind ? fmt::format("{}: {} {}: {}\n", answer.value,
                                  context.Say("not a valid", "não é válido como"), name, message)
                    : fmt::format("{}: {}\n", answer.value, message);
    if (answer.slips) text += fmt::format("  {}\n", SlipsText(*answer.slips, context));
    return text;
  }
  std::string text =
      fmt::format("{}: {} {}", answer.value, context.Say("valid as", "válido como"), name);
  if (answer.document != answer.value) {
    text += fmt::format(", {} {}", context.Say("stored as", "gravado como"), answer.document);
  }
  if (answer.document == kPlaceholderCpf) {
    text += context.Say("; often typed only to fill a field (eclusa.placeholderCpf)",
                        "; muitas vezes digitado só para preencher o campo "
                        "(eclusa.placeholderCpf)");
  }
  return text + "\n";
}

}  // namespace

int RunCheckDocument(const CheckDocumentOptions& options, const CommandContext& context,
                     std::ostream& out) {
  std::optional<DocumentKind> kind;
  for (const KindName& known : kKinds) {
    if (known.name == options.kind) kind = known.kind;
  }
  bool all_valid = true;
  json::array array;
  for (const std::string& value : options.values) {
    const Answer answer = Examine(value, kind);
    all_valid = all_valid && !answer.document.empty();
    if (options.json) {
      array.emplace_back(ObjectOf(answer, context.language));
    } else {
      out << TextOf(answer, context);
    }
  }
  if (options.json) out << json::serialize(array) << "\n";
  return all_valid ? kExitGood : kExitFailures;
}

void AddCheckDocumentCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<CheckDocumentOptions>();
  CLI::App* command = app.add_subcommand(
      "check-document",
      context.Say("whether a CPF, CNPJ, CEP, UF or code of IBGE is sound, and what is wrong",
                  "se um CPF, CNPJ, CEP, UF ou código do IBGE está certo, e o que está errado"));
  command
      ->add_option("VALUE", options->values,
                   context.Say("with its mask or without", "com máscara ou sem"))
      ->required();
  std::vector<std::string> names;
  for (const KindName& known : kKinds) names.emplace_back(known.name);
  command
      ->add_option("--kind", options->kind,
                   context.Say("what the values are; without it, by their length",
                               "o que os valores são; sem ela, pelo tamanho"))
      ->check(CLI::IsMember(names));
  command->add_flag("--json", options->json,
                    context.Say("print one JSON array", "imprime um array JSON"));
  command->callback([options, &context] {
    RunCommand(context, options->json,
               [&]() -> Result<int> { return RunCheckDocument(*options, context, std::cout); });
  });
}

}  // namespace eclusa
