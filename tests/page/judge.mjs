// Uses the live page of `idds serve` as a person does, in Chromium, and says what is wrong with it.
//
//   node judge.mjs IDDS DIR     IDDS is the command; DIR is an empty directory, which gets screenshots
import { execFile, spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const [idds, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];
const said = [];
const check = (is, what) => {
  said.push(what);
  if (!is) wrong.push(what);
};

// The user has a home and a configuration of their own.
mkdirSync(join(folder, "home"), { recursive: true });
const env = { PATH: process.env.PATH, HOME: join(folder, "home"), TMPDIR: folder };
const serving = spawn(idds, ["serve", "--directory", "data", "--output", "json"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
const end = () => new Promise((ended) => {
  serving.once("exit", ended);
  serving.kill("SIGTERM");
});
const lines = createInterface({ input: serving.stdout });
let text = "";
for await (const line of lines) {
  text += line;
  try { JSON.parse(text); break; } catch { /* there is more */ }
}
const { page: address } = JSON.parse(text);
const call = promisify(execFile);
const submit = async (name, yaml) => {
  writeFileSync(join(folder, name), yaml);
  await call(idds, ["request", "submit", name], { cwd: folder, env });
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
context.setDefaultTimeout(60_000);
const page = await context.newPage();
page.on("console", (message) => message.type() === "error" && wrong.push(`the console says: ${message.text()} (${message.location().url})`));
page.on("pageerror", (error) => wrong.push(`the script fails: ${error}`));
const loads = [];
page.on("framenavigated", (frame) => frame === page.mainFrame() && loads.push(frame.url()));

// Looks at a page in every form: light and dark, wide and narrow.
const look = async (name) => {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      // As a script of the debugger: the policy of the page lets in none that comes from elsewhere.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const { id, nodes } of violations) wrong.push(`axe: ${name}, ${colorScheme}, ${width}: ${id}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
      const overflows = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      check(overflows <= 0, `${name} fits into ${width} pixels`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 800 });
};
const has = (what) => page.getByText(what).first().waitFor();

try {
  // A run is followed from before its submission to its end, and nothing is loaded again meanwhile.
  await page.goto(address);
  await has("There is no request yet");
  await look("empty");
  await submit("chain.yaml", `
name: "chain <b>of</b> three"
steps:
  make: { type: program, executable: "while [ ! -e gate ]; do sleep 0.05; done; echo made" }
  refine: { type: program, executable: "echo refining; echo '<img src=x onerror=alert(1)>' >&2; exit 3" }
  merge: { type: program, executable: "true" }
conditions:
  - { when: { step: make, is: finished }, then: [refine] }
  - { when: { step: refine, is: finished }, then: [merge] }
`);
  await has("chain <b>of</b> three");
  check(loads.length === 1, "the list shows a new request by itself");
  await page.getByRole("link", { name: "chain <b>of</b> three" }).click();
  await has("Transforming");
  const before = loads.length;
  await look("running");
  writeFileSync(join(folder, "gate"), "");
  await page.locator("#head .state.bad, #head .state.part").waitFor();
  check(loads.length === before, "the page of a request follows it to its end");
  check((await page.locator("#steps tr", { hasText: "gate" }).first().innerText()).includes("Finished"), "what is done is Finished");
  await look("failed");

  // From the list, the cause of a failing step takes at most two clicks.
  await page.goto(address);
  await page.getByRole("link", { name: "chain <b>of</b> three" }).click();
  check((await page.locator("#head").innerText()).includes("exit code 3"), "the page of a request says why it has failed");
  await page.locator("#steps tr", { hasText: "refining" }).getByRole("link").first().click();
  await has("exit code 3");
  await look("step");
  await page.goto(address);
  await page.locator("#rows .cause").first().waitFor();
  await look("list");

  // An abort.
  await submit("long.yaml", `{ name: long, steps: { wait: { type: program, executable: "sleep 1000" } } }`);
  await page.getByRole("link", { name: "long" }).click();
  await page.locator("#steps .state.live").waitFor();
  await page.getByText("Abort…").click();
  await page.getByRole("button", { name: "Abort request 2" }).click();
  await has("Abort was carried out");
  await page.locator("#commands").getByText("Retry…").waitFor();
  await look("aborted");

  // The keyboard.
  await page.goto(address);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => document.activeElement?.id === "main"), "the first key leads to the content");

  // Without a script.
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(address);
  await plain.getByRole("link", { name: "long" }).click();
  await plain.getByText("Retry…").waitFor();

  // A page of another origin, which even knows the address, reads nothing and does nothing.
  const attack = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<iframe name=f src="${address}"></iframe><form method=post target=f action="${address}request/2/retry"></form>`);
  });
  await new Promise((listening) => attack.listen(0, "127.0.0.1", listening));
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`http://127.0.0.1:${attack.address().port}/`);
  const read = await stranger.evaluate(async (address) => {
    const tries = [
      fetch(address).then((answer) => answer.text()),
      fetch(`${address}request/2/retry`, { method: "POST" }).then((answer) => answer.text()),
      fetch(`${address}request/2/retry`, { method: "POST", mode: "no-cors" }).then((answer) => answer.text()),
    ];
    const texts = await Promise.all(tries.map((one) => one.catch(() => "")));
    document.forms[0].submit();
    return texts.join("");
  }, address);
  check(read === "", "a page of another origin reads nothing");
  await stranger.waitForLoadState("networkidle");
  const framed = await Promise.all(stranger.frames().slice(1).map((frame) => frame.evaluate(() => document.body?.innerText ?? "").catch(() => "")));
  check(!framed.join("").includes("Requests"), "no page of another origin frames it");
  await page.goto(`${address}request/2`);
  check(!(await page.locator("body").innerText()).includes("Retry was"), "no page of another origin gives a command");
  attack.close();

  // The end of the server shows.
  await page.goto(`${address}request/1`);
  await has("live");
  await end();
  await has("the server has ended");
} catch (error) {
  wrong.push(String(error.stack ?? error));
  await page.screenshot({ path: join(folder, "trouble.png"), fullPage: true }).catch(() => {});
} finally {
  serving.kill("SIGKILL");
  await browser.close();
}
console.log(JSON.stringify({ wrong, said }));
process.exit(0);
