// Composes subgraph SDL files into one Federation 2 supergraph.
//
//   node compose.mjs --out supergraph.graphql [--public public.graphql] [--check] NAME=URL=FILE …
//
// NAME is the subgraph's name, URL the address the router calls, FILE its federation SDL; FILE may hold no "=".
// --check writes nothing and fails when a file differs from what would be written.
// Exit codes: 0 composed; 1 composition errors or an outdated file, one readable line each; 2 wrong usage.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { composeServices } from "@theguild/federation-composition";
import { parse, print, visit, GraphQLError } from "graphql";

const USAGE = "usage: compose.mjs --out FILE [--public FILE] [--check] NAME=URL=FILE …";

class UsageError extends Error {}

function subgraphFromArgument(argument) {
  const first = argument.indexOf("=");
  const last = argument.lastIndexOf("=");
  if (first < 1 || last === first) throw new UsageError(`"${argument}" is not NAME=URL=FILE`);
  return { name: argument.slice(0, first), url: argument.slice(first + 1, last), file: argument.slice(last + 1) };
}

function readSubgraph({ name, url, file }) {
  let source;
  try {
    source = readFileSync(file, "utf8");
  } catch (error) {
    return { errors: [`${name}: cannot read ${file}: ${error.code ?? error.message}`] };
  }
  try {
    return { service: { name, url, typeDefs: parse(source) } };
  } catch (error) {
    const where = error instanceof GraphQLError && error.locations?.[0];
    return { errors: [`${name}: ${file}${where ? `:${where.line}:${where.column}` : ""}: ${error.message}`] };
  }
}

// Returns { supergraph, publicSchema } as texts, or { errors: [line, …] }.
export function compose(subgraphs) {
  const read = subgraphs.map(readSubgraph);
  const errors = read.flatMap((one) => one.errors ?? []);
  if (errors.length > 0) return { errors };
  const result = composeServices(read.map((one) => one.service));
  if (result.errors?.length) {
    return { errors: result.errors.map((error) => `${error.extensions?.code ?? "ERROR"}: ${error.message}`) };
  }
  return { supergraph: normalise(result.supergraphSdl), publicSchema: normalise(print(forClients(parse(result.publicSdl)))) };
}

const CLIENT_DIRECTIVES = new Set(["deprecated", "specifiedBy", "oneOf"]);

// Directives that subgraphs have composed are for routers; clients never see them.
function forClients(document) {
  const drop = (node) => (CLIENT_DIRECTIVES.has(node.name.value) ? undefined : null);
  return visit(document, { Directive: drop, DirectiveDefinition: drop });
}

// One printer for every writer, so that a re-run gives the same bytes.
function normalise(sdl) {
  return print(parse(sdl)) + "\n";
}

function upToDate(file, text) {
  try {
    return readFileSync(file, "utf8") === text;
  } catch {
    return false;
  }
}

function main(argv) {
  let options;
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { out: { type: "string" }, public: { type: "string" }, check: { type: "boolean", default: false } },
    });
    if (!values.out || positionals.length === 0) throw new UsageError(USAGE);
    options = { ...values, subgraphs: positionals.map(subgraphFromArgument) };
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : `${error.message}\n${USAGE}`);
    return 2;
  }
  const result = compose(options.subgraphs);
  if (result.errors) {
    for (const line of result.errors) console.error(line);
    return 1;
  }
  const files = [[options.out, result.supergraph]];
  if (options.public) files.push([options.public, result.publicSchema]);
  const outdated = options.check ? files.filter(([file, text]) => !upToDate(file, text)) : [];
  for (const [file] of outdated) console.error(`${file} is out of date: compose again`);
  if (!options.check) for (const [file, text] of files) writeFileSync(file, text);
  return outdated.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = main(process.argv.slice(2));
