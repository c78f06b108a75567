// Reads what report.html carries inside: the script of the page and the style of its charts. The only place in report/
// that touches the disk.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeFolder, isBuilt } from '../../model/package-files.ts';
import { bundlePage, type PageAssets } from './bundle-page.ts';

let cached: PageAssets | undefined;

/** Read once: as the build has left it, or bundled where the sources run as they are. */
export function readPageAssets(): PageAssets {
  cached ??= isBuilt ? built() : bundlePage();
  return cached;
}

function built(): PageAssets {
  return JSON.parse(
    readFileSync(join(codeFolder(), 'src/report/html/page-assets.json'), 'utf8'),
  ) as PageAssets;
}
