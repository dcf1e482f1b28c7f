// Node.js resolves no import without its extension.
export default {
  input: process.env.OUTSIDE_DOCUMENT,
  output: { path: "generated/hey", module: { extension: ".js" } },
};
