/** The package as its users get it: what is in it, and what becomes of it once it is installed. Packed once, for it takes some seconds. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe } from "vitest";
import { contentsSuite } from "./contents-suite.ts";
import { installedSuite } from "./installed-suite.ts";
import { librarySuite } from "./library-suite.ts";
import { type Packed, pack } from "./pack.ts";

let made: Packed | undefined;
const packed = () => made!;

beforeAll(() => {
  made = pack();
}, 60_000);
afterAll(() => {
  if (made !== undefined) rmSync(made.folder, { recursive: true, force: true });
});

describe("the tarball", () => contentsSuite(packed));
describe("the library", () => librarySuite(packed));
describe("installed by npm", () => installedSuite(packed));
