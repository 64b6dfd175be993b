/*
 * Runs before `npm start` and `npm test`: installs what is missing and says nothing when nothing is. Plain CommonJS,
 * for it runs on whatever Node is there before the project's own has been installed.
 *
 *   node scripts/setup.cjs          the packages of package-lock.json
 *   node scripts/setup.cjs --test   and, as root on Debian, the programs that the system tests drive
 */
"use strict";
const { execFileSync, spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const stamp = join(root, "node_modules", ".setup-stamp");
const lock = join(root, ".setup-lock");
const LOCK_STALE_MILLIS = 600_000;

/** Debian packages of the system tests, by a program that each brings. */
const PROGRAMS = {
  prometheus: "prometheus",
  promtool: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
  amtool: "prometheus-alertmanager",
  pg_ctlcluster: "postgresql",
};

if (!installed()) alone(installPackages);
if (process.argv.includes("--test")) installPrograms();

function wantedStamp() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

function installed() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wantedStamp();
}

/** `npm start` and `npm test` may be called at once on a fresh clone: the second one waits for the first. */
function alone(work) {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const held = statSync(lock, { throwIfNoEntry: false });
      if (held !== undefined && Date.now() - held.mtimeMs > LOCK_STALE_MILLIS) release();
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    }
  }
  try {
    if (!installed()) work();
  } finally {
    release();
  }
}

function release() {
  rmSync(lock, { recursive: true, force: true });
}

function installPackages() {
  console.error("setup: installing packages");
  // Some packages name an engine that the Node running npm may not be; the one that runs the product is among them.
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) {
    process.exitCode = 1;
    console.error("setup: npm ci failed; is the npm registry within reach?");
    return;
  }
  writeFileSync(stamp, wantedStamp());
}

function installPrograms() {
  const missing = Object.keys(PROGRAMS).filter((program) => !onPath(program));
  if (missing.length === 0) return;
  const packages = Array.from(new Set(missing.map((program) => PROGRAMS[program])));
  const debian = existsSync("/etc/debian_version");
  if (!debian || process.getuid() !== 0) {
    console.error(`setup: ${missing.join(", ")} not found: the system tests that need them will be skipped`);
    return;
  }
  console.error(`setup: installing ${packages.join(", ")} from Debian`);
  const env = Object.assign({}, process.env, { DEBIAN_FRONTEND: "noninteractive" });
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: ["ignore", "ignore", "inherit"], env });
    const args = ["install", "-y", "-qq", "--no-install-recommends"].concat(packages);
    execFileSync("apt-get", args, { stdio: ["ignore", "ignore", "ignore"], env });
  } catch (error) {
    console.error(`setup: ${error.message}; the system tests that need these programs will be skipped`);
  }
}

function onPath(program) {
  return (process.env.PATH || "").split(":").some((folder) => existsSync(join(folder, program)));
}
