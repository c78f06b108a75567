// Reads what report.html carries inside: the script of the page and the style of its charts. The only place in report/
// that touches the disk.

import { readFileSync } from 'node:fs';
import { bundlePage, type PageAssets } from './bundle-page.ts';

let cached: PageAssets | undefined;

/** Read once: as the build has left it beside this file, or bundled where the sources run as they are. */
export function readPageAssets(): PageAssets {
  cached ??= import.meta.url.endsWith('.ts') ? bundlePage() : built();
  return cached;
}

function built(): PageAssets {
  return JSON.parse(readFileSync(new URL('./page-assets.json', import.meta.url), 'utf8')) as PageAssets;
}
