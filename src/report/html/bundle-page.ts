// Makes one script of what report.html does in the browser, the chart library in it. The build calls it once
// (scripts/build-page.ts); page-assets.ts calls it where the sources run as they are, in tests.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** The licence of what is in the bundle asks for this line; the whole text is in THIRD-PARTY.md. */
const banner = '/* with uPlot, Copyright (c) Leon Sorokin, MIT License, https://github.com/leeoniya/uPlot */';

export function bundlePage(): PageAssets {
  const require = createRequire(import.meta.url);
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('../page/page.ts', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    banner: { js: banner },
    logLevel: 'silent',
  });
  return {
    script: outputFiles[0]!.text.trimEnd(),
    style: readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  };
}
