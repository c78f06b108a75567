import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareLive } from './compare-live.ts';
import { keptRuns, refusalOf } from './kept-runs.cases.ts';

const kept = keptRuns();

function suite(name: string, profiles: string): string {
  const file = join(kept.folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
baseUrl: http://127.0.0.1:9
users: { reader: { tasks: { read: { requests: [{ url: / }] } } } }
profiles: ${profiles}
`,
  );
  return file;
}
const short = '{ normal: { executor: constant-vus, vus: 1, duration: 10s } }';

test('refuses before any load what cannot be run as two sides', async () => {
  const shop = suite('shop', short);
  const other = suite('other', '{ peak: { executor: constant-vus, vus: 1, duration: 10s } }');
  expect(await refusalOf(compareLive([shop], {}))).toContain('exactly two sides');
  expect(await refusalOf(compareLive(['http://127.0.0.1:9', shop], {}))).toContain('name the suite');
  expect(await refusalOf(compareLive([shop, 'missing'], {}))).toContain('no suite called missing');
  expect(await refusalOf(compareLive([shop, other], {}))).toMatch(/would run the profile normal, .* peak/);
  expect(await refusalOf(compareLive([shop, shop], { format: 'pdf' }))).toContain('unknown format');
});

test('refuses more time than is allowed, and says how much it would take', async () => {
  const shop = suite('shop', short);
  const refused = await refusalOf(compareLive([shop, shop], { repeat: 3, timeLimit: 60_000 }));
  expect(refused).toBe('6 runs take about 1m18s, more than 1m');
});
