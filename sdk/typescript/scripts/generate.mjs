// Writes src/generated from the contract: types of all messages, a method for each operation, a row to send it by.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const DOCS = new URL("../../../docs/", import.meta.url);
const HERE = new URL("../", import.meta.url);
const GENERATED = new URL("src/generated/", HERE);
const HEAD = "// Generated from docs/openapi.json and docs/asyncapi.yaml by scripts/generate.mjs.\n\n";

const contract = JSON.parse(readFileSync(new URL("openapi.json", DOCS), "utf8"));
const socket = readFileSync(new URL("asyncapi.yaml", DOCS), "utf8");
const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, ...operation })),
);

/** The frames of the WebSockets as schemas of the contract, so that one generator types all. */
function frameSchemas() {
  const document = parse(socket.replaceAll("#/components/schemas/", "#/components/schemas/Socket"));
  const at = ({ $ref }) => $ref.slice(2).split("/").reduce((found, name) => found[name], document);
  const named = Object.entries(document.components.schemas).map(([name, schema]) => [`Socket${name}`, schema]);
  const heard = ({ messages }) => ({ oneOf: messages.map((message) => at(at(message)).payload) });
  const { hear, hear_in_chat } = document.operations;
  return { ...Object.fromEntries(named), Frame: heard(hear), ChatFrame: heard(hear_in_chat) };
}

function errorNames() {
  const enums = Object.values(contract.components.schemas).map((schema) => schema.properties?.error?.enum ?? []);
  return [...new Set(enums.flat())].sort();
}

const parametersIn = (operation, place) =>
  (operation.parameters ?? []).filter((parameter) => parameter.in === place).map((parameter) => parameter.name);

/** A method takes path, query and body as one object, so a name may stand in one of them only. */
function refuseClash(operation) {
  const schema = operation.requestBody?.content["application/json"].schema.$ref?.split("/").at(-1);
  const inBody = contract.components.schemas[schema]?.properties ?? {};
  const twice = ["path", "query"].flatMap((place) => parametersIn(operation, place)).filter((name) => name in inBody);
  if (twice.length) throw new Error(`${operation.operationId} has two fields of the name ${twice}.`);
}

function routeOf(operation) {
  const { method, path, security = [] } = operation;
  const [query, headers] = [parametersIn(operation, "query"), parametersIn(operation, "header")];
  refuseClash(operation);
  return { method, path, query, headers, hasBody: "requestBody" in operation, isSigned: security.length > 0 };
}

/** The description, and the refusals but for those that every operation may give. */
function commentOf({ description = "", responses }) {
  const everywhere = ["413", "415", "422", "500", "503"];
  const refusals = Object.entries(responses).filter(([status]) => status >= "400" && !everywhere.includes(status));
  const names = refusals.flatMap(([, response]) => response.description.match(/`\w+`/g) ?? []);
  const text = description.replaceAll("\n", "\n     * ");
  return names.length ? `${text}\n     *\n     * Refusals: ${names.join(", ")}.` : text;
}

function methodsOf(group) {
  const members = operations.filter(({ operationId }) => operationId.startsWith(`${group}.`));
  return members.map((each) => {
    const name = each.operationId.slice(group.length + 1);
    return `    /**\n     * ${commentOf(each)}\n     */\n    ${name}: Method<"${each.operationId}">;\n`;
  });
}

function operationsModule() {
  const groups = [...new Set(operations.map(({ operationId }) => operationId.split(".")[0]))].sort();
  const members = groups.map((group) => `  ${group}: {\n${methodsOf(group).join("")}  };\n`);
  const routes = operations.map((each) => `  "${each.operationId}": ${JSON.stringify(routeOf(each))},\n`);
  return [
    `import type { Method, Route } from "../method.js";\nimport type { operations } from "./contract.js";\n\n`,
    `export interface Operations {\n${members.join("")}}\n\n`,
    `export const ROUTES: Record<keyof operations, Route> = {\n${routes.join("")}};\n\n`,
    `export type ErrorName =\n${errorNames()
      .map((name) => `  | "${name}"`)
      .join("\n")};\n`,
  ].join("");
}

/** What is typed: refusals are DecodeErrors, which have one type. */
function successes() {
  const paths = structuredClone(contract.paths);
  for (const { responses } of Object.values(paths).flatMap(Object.values)) {
    for (const status of Object.keys(responses)) if (status >= "400") delete responses[status];
  }
  const schemas = Object.entries(contract.components.schemas).filter(([name]) => !name.endsWith("Problem"));
  return { ...contract, paths, components: { ...contract.components, schemas: Object.fromEntries(schemas) } };
}

/** The package has the version of the API. npm writes it into its lock file as well. */
function setVersion() {
  const { version } = contract.info;
  if (JSON.parse(readFileSync(new URL("package.json", HERE), "utf8")).version === version) return;
  execFileSync("npm", ["version", version, "--no-git-tag-version"], { cwd: HERE, stdio: "inherit" });
}

Object.assign(contract.components.schemas, frameSchemas());
mkdirSync(GENERATED, { recursive: true });
const types = astToString(await openapiTS(successes(), { defaultNonNullable: false, alphabetize: true }));
writeFileSync(new URL("contract.ts", GENERATED), HEAD + types);
writeFileSync(new URL("operations.ts", GENERATED), HEAD + operationsModule());
setVersion();
