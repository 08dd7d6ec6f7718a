// Composes one federation for each line of standard input: [{"name", "sdl"}, …] → {"supergraph"} or {"errors": […]}.
// The first argument is the folder in which the composition library is installed.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.argv[2]}/package.json`);
const { composeServices } = require("@theguild/federation-composition");
const { parse } = require("graphql");

function compose(subgraphs) {
  const services = subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(sdl) }));
  const result = composeServices(services);
  if (result.errors?.length) return { errors: result.errors.map((error) => error.message) };
  return { supergraph: result.supergraphSdl };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = compose(JSON.parse(line));
  } catch (error) {
    answer = { errors: [String(error)] };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
