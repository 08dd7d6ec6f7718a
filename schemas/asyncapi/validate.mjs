// Validates an AsyncAPI document with the official parser.
//
//   node validate.mjs FILE
//
// References to files are followed from FILE's place.
// Exit codes: 0 valid; 1 not valid, one line each; 2 wrong usage.
import { readFileSync } from "node:fs";
import { Parser, DiagnosticSeverity } from "@asyncapi/parser";

function line(found) {
  const { line: row, character } = found.range.start;
  return `${row + 1}:${character + 1} ${found.path.join(".")}: ${found.message} (${found.code})`;
}

async function main([file, ...more]) {
  if (!file || more.length > 0) {
    console.error("usage: validate.mjs FILE");
    return 2;
  }
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"), { source: file });
  const wrong = diagnostics.filter((found) => found.severity <= DiagnosticSeverity.Warning);
  for (const found of wrong) console.error(line(found));
  if (document === undefined || wrong.length > 0) return 1;
  console.log(`${file}: AsyncAPI ${document.version()}, ${document.allMessages().length} messages`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
