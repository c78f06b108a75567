// Every whole suite that docs/reference.md shows is valid, and each of its profiles can be planned.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePlan } from '../src/plan/plan.ts';
import { loadSuite } from '../src/suite/suite.ts';
import { temporaryFolder } from './run-cli.ts';

const reference = readFileSync(fileURLToPath(new URL('../docs/reference.md', import.meta.url)), 'utf8');

interface ShownSuite {
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks that have profiles, each with the heading above it. */
function shownSuites(): ShownSuite[] {
  const shown: ShownSuite[] = [];
  let heading = '';
  for (const [, title, language, text] of reference.matchAll(/^#+ (.+)$|^```(ts|yaml)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (/^ *profiles:/m.test(text!)) shown.push({ heading, language: language!, text: text! });
  }
  return shown;
}

const suites = shownSuites();

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  // The file that the example of test data reads.
  writeFileSync(join(folder.path, 'customers.csv'), /^```csv\n([\s\S]*?)^```$/m.exec(reference)![1]!);
});
afterAll(() => folder.dispose());

const variables = {
  SHOP_LOGIN: 'alice-4711',
  DATABASE_URL: 'postgresql://127.0.0.1:1/shop',
  REDIS_URL: 'redis://127.0.0.1:1/0',
};

describe('docs/reference.md', () => {
  test.each(suites)('the suite under $heading is valid', async ({ language, text }) => {
    const file = join(folder.path, `${suites.findIndex((suite) => suite.text === text)}.${language}`);
    writeFileSync(file, text);
    const { definition } = await loadSuite(file, { env: variables });
    for (const profile of Object.keys(definition.profiles)) {
      const { scenarios } = makePlan(definition, profile, { workers: 1, seed: 0, environment: 'local' });
      expect(scenarios.length).toBeGreaterThan(0);
    }
  });

  test('has an example in each of its main sections', () => {
    const headings = suites.map(({ heading }) => heading);
    expect(headings).toEqual([
      'Suite',
      'Secrets',
      'User',
      'HTTP settings',
      'Proxies',
      'Request as data',
      'Values of answers',
      'Test data',
      'Test data',
      'Profile',
      'Executors',
      'Capacity search',
      'Context',
      'WebSockets and Server-Sent Events',
      'SQL',
      'Redis',
      'TCP',
      'Thresholds',
      'Monitors',
      'Alerts',
      'Comparisons',
      'Objectives',
      'Findings of the suite',
      'Whole suites',
    ]);
  });
});
