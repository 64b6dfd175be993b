#!/usr/bin/env node
/*
 * `npx llm-exporter`. Plain CommonJS, for it runs on whatever Node is there: an older one is told so here, before it
 * meets a module that it cannot read.
 */
"use strict";
const { engines } = require("../package.json");

const needed = /\d+\.\d+/.exec(engines.node)[0];
const [neededMajor, neededMinor] = needed.split(".").map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) {
  import("../dist/main.js");
} else {
  console.error(`llm-exporter: expected Node ${needed} or later, got ${process.versions.node}`);
  process.exitCode = 1;
}
