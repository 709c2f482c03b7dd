// Builds GraphiQL into files that custgraph serves itself: a page, scripts, styles, a font, each but the page
// named by its content and compressed. The folder is put in place whole, so it is never seen half-built.

import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const TARGET = "../src/custgraph/explorer/assets";
const STAGING = `${TARGET}.new`;

const WORKERS = {
  editor: "monaco-editor/esm/vs/editor/editor.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
};

const common = {
  bundle: true,
  minify: true,
  // GraphiQL names its icons, for screen readers, after their functions.
  keepNames: true,
  format: "esm",
  target: "es2022",
  outdir: STAGING,
  write: false,
  metafile: true,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
};

/** The output's name for each entry point, as the page and the scripts ask for it. */
function outputNames({ metafile }) {
  const outputs = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint);
  return Object.fromEntries(outputs.map(([path, { entryPoint }]) => [entryPoint, basename(path)]));
}

/** The licences of the packages that went into the bundles, one after the other. */
async function licences(results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = inputs.map((path) => path.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean);
  const texts = [];
  for (const folder of [...new Set(folders)].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    texts.push(`# ${name} ${version} (${license})\n`);
    for (const file of (await readdir(folder)).filter((entry) => /^(licen[cs]e|thirdpartynotices)/i.test(entry))) {
      texts.push(await readFile(join(folder, file), "utf8"));
    }
  }
  return texts.join("\n");
}

const workers = await build({ ...common, entryPoints: WORKERS });
const names = outputNames(workers);
const workerFiles = Object.fromEntries(
  Object.entries(WORKERS).map(([label, path]) => [label, names[`node_modules/${path}`]]),
);

const main = await build({
  ...common,
  entryPoints: { explorer: "src/main.jsx" },
  jsx: "automatic",
  loader: { ".graphql": "text", ".ttf": "file" },
  define: { WORKER_FILES: JSON.stringify(workerFiles) },
});

await rm(STAGING, { recursive: true, force: true });
await mkdir(STAGING, { recursive: true });
for (const { path, contents } of [...workers.outputFiles, ...main.outputFiles]) {
  await writeFile(join(STAGING, `${basename(path)}.gz`), gzipSync(contents, { level: 9 }));
}

const script = outputNames(main)["src/main.jsx"];
const style = basename(Object.keys(main.metafile.outputs).find((path) => path.endsWith(".css")));
const page = await readFile("src/page.html", "utf8");
await writeFile(join(STAGING, "page.html"), page.replace("SCRIPT", script).replace("STYLE", style));
await writeFile(join(STAGING, "licenses.txt"), await licences([workers, main]));

await rm(TARGET, { recursive: true, force: true });
await rename(STAGING, TARGET);
