// The shape of a method, computed from its operation in the contract.

import type { operations } from "./generated/contract.js";

/** How an operation is sent. */
export interface Route {
  method: string;
  path: string;
  query: readonly string[];
  headers: readonly string[];
  hasBody: boolean;
  isSigned: boolean;
}

export interface CallOptions {
  /** Gives the call up, also while it waits to be repeated. */
  signal?: AbortSignal | undefined;
}

/** Takes the fields of path, query and body as one object. Returns `data` of the answer. Rejects with DecodeError. */
export type Method<Id extends keyof operations> =
  {} extends Fields<operations[Id]>
    ? (fields?: Fields<operations[Id]>, options?: CallOptions) => Promise<Data<operations[Id]>>
    : (fields: Fields<operations[Id]>, options?: CallOptions) => Promise<Data<operations[Id]>>;

type Fields<Operation> = Part<Operation, "path"> & Part<Operation, "query"> & Body<Operation>;

type Part<Operation, Place extends string> = Operation extends { parameters: { [In in Place]: infer Values } }
  ? Values
  : {};

type Body<Operation> = Operation extends { requestBody?: { content: { "application/json": infer Sent } } }
  ? WithoutEmpty<NonNullable<Sent>>
  : {};

type WithoutEmpty<Sent> = Sent extends Record<string, never> ? {} : Sent;

type Data<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses & (200 | 201 | 202)]: Content<Responses[Status]> }[keyof Responses & (200 | 201 | 202)]
  : never;

type Content<Response> = Response extends { content: { "application/json": infer Answer } }
  ? Answer extends { data: infer Payload }
    ? Payload
    : Answer
  : Blob;
