// Prints the errors and warnings that @asyncapi/parser finds in a document, as JSON.

import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const WARNING = 1;
const { diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(diagnostics.filter((each) => each.severity <= WARNING)));
