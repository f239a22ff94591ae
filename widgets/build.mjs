// src/main.ts and its CSS -> ../dsx/static/dsx.js: one minified ES module without dependencies.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// `import css from "./style.css"` is the text of the file, minified.
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await esbuild.transform(source, { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  },
};

const result = await esbuild.build({
  entryPoints: [here("src/main.ts")],
  outfile: here("../dsx/static/dsx.js"),
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "none",
  plugins: [cssAsText],
  write: false,
});

// Renamed into place, so that a kernel started meanwhile never reads half a bundle.
for (const { path, contents } of result.outputFiles) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
  console.log(`${path} ${contents.length} bytes`);
}
