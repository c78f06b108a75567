// Part of `npm run build`: bundles the browser code of report.html into dist/.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundlePage } from '../src/report/html/bundle-page.ts';

const file = fileURLToPath(new URL('../dist/src/report/html/page-assets.json', import.meta.url));
writeFileSync(file, JSON.stringify(bundlePage()));
