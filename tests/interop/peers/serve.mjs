// One of the routers as a process: `node serve.mjs apollo|hive|hive-rust`. For each line {"supergraph": SDL} on standard
// input it prints a line, {"url": where it serves} or {"error": why it does not}; the supergraph before is served no
// longer. Ends with its input.
import { createInterface } from "node:readline";

import { serveApollo } from "./apollo.mjs";
import { serveHive } from "./hive.mjs";

const servers = {
  apollo: serveApollo,
  hive: (sdl) => serveHive(sdl),
  "hive-rust": (sdl) => serveHive(sdl, { planner: "rust" }),
};
const serve = servers[process.argv[2]];
let running;
for await (const line of createInterface({ input: process.stdin })) {
  await running?.stop();
  running = undefined;
  try {
    running = await serve(JSON.parse(line).supergraph);
    console.log(JSON.stringify({ url: running.url }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message ?? error) }));
  }
}
process.exit(0);
