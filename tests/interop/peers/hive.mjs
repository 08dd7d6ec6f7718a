import { once } from "node:events";
import { createServer } from "node:http";

import { createGatewayRuntime } from "@graphql-hive/gateway";

// The default planner is Hive's in JavaScript; "rust" is the one of Hive Router.
export async function serveHive(supergraph, { planner } = {}) {
  const { unifiedGraphHandler } = planner === "rust" ? await import("@graphql-hive/router-runtime") : {};
  const runtime = createGatewayRuntime({
    supergraph,
    unifiedGraphHandler,
    logging: false,
    landingPage: false,
    graphiql: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") ?? undefined }),
    },
  });
  const server = createServer(runtime);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await runtime[Symbol.asyncDispose]();
  };
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, stop };
}
