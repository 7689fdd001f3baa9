// judge.mjs DRAWINGS: reads a JSON list of Mermaid drawings, and prints how many nodes, edges and frames mermaid finds in each.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

// Mermaid cleans texts with the help of a browser.
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false });

const counts = [];
for (const drawing of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(drawing);
  const frames = new Set(db.getSubGraphs().map(({ id }) => id));
  // A frame that has a style or an edge is listed among the nodes, too; notes and invisible edges only place things.
  const nodes = [...db.getVertices().values()].filter(({ id, classes }) => !frames.has(id) && !classes.includes("note"));
  const edges = db.getEdges().filter(({ stroke }) => stroke !== "invisible");
  counts.push([nodes.length, edges.length, frames.size]);
}
process.stdout.write(JSON.stringify(counts));
