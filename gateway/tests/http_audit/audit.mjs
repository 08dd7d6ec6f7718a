// Runs every audit of the suite against the URL in the arguments; prints one JSON object {id, name, status, reason} a line.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
for (const result of results) {
  const { id, name, status, reason } = result;
  console.log(JSON.stringify({ id, name, status, reason }));
}
