// A generator that cannot keep up must say so, instead of blaming the target.

import { expect, test } from 'vitest';
import { measure } from './known-run.ts';

test('user code that burns CPU makes the run inconclusive, and the reasons name the generator', async () => {
  const { code, record, output } = await measure('burning', 'quick');
  expect(code, output).toBe(5);
  expect(record.verdict.status).toBe('inconclusive');
  expect(record.generator.saturated).toBe(true);
  expect(record.verdict.reasons[0]).toMatch(/core|event loop|started late/);
  expect(record.verdict.reasons).toContain(
    'The load generator limited this run, so its figures do not show how the target performs.',
  );
  expect(record.findings.map(({ kind }) => kind)).toContain('generator-saturation');
  // What the terminal shows says so, too.
  expect(output).toMatch(/inconclusive/i);
  expect(output).toContain('load generator');
}, 60_000);
