// Reads an AsyncAPI document with AsyncAPI's own parser and prints its diagnostics and its channels as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics.filter((d) => d.severity === 0).map((d) => `${d.path.join("/")}: ${d.message}`);
const channels = document ? document.channels().all().map((c) => [c.address(), c.messages().all().length]) : [];
console.log(JSON.stringify({ errors, channels }));
