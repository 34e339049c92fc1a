// Reads pages by name as JSON from standard input; writes what html-validate finds, a line for each mistake.
const { readFileSync } = require("node:fs");
const { HtmlValidate, StaticConfigLoader } = require("./html-validate.cjs");

// Matters of taste: how the doctype and attributes without a value are written (a browser writes them out), sections
// instead of regions, titles as long as names are.
const taste = ["doctype-style", "attribute-boolean-style", "prefer-native-element", "long-title"];
const rules = Object.fromEntries(taste.map((rule) => [rule, "off"]));
// The standard lets an id hold whatever is no blank, and boxes to tick share a name.
rules["valid-id"] = ["error", { relaxed: true }];
rules["form-dup-name"] = ["error", { shared: ["radio", "checkbox", "button", "submit", "reset"] }];
const config = { root: true, extends: ["html-validate:recommended"], elements: ["html5"], rules };
const checker = new HtmlValidate(new StaticConfigLoader(config));
const pages = JSON.parse(readFileSync(0, "utf8"));
const found = Object.entries(pages).flatMap(([name, text]) =>
  checker
    .validateStringSync(text, name)
    .results.flatMap(({ messages }) => messages)
    .map((one) => `${name}:${one.line}:${one.column} ${one.ruleId}: ${one.message}`),
);
process.stdout.write(JSON.stringify(found));
