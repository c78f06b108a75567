import { expect, test } from 'vitest';
import type { ErrorGroup } from '../model/error-group.ts';
import { createErrorCollector } from './error-groups.ts';

function group(code: string, count: number, firstAtMs: number, message = code): ErrorGroup {
  return {
    code,
    message,
    source: 'request',
    tags: { task: 'a' },
    count,
    firstAtMs,
    lastAtMs: firstAtMs + 10,
  };
}

test('deltas of the same failure from several workers become one group with the first message', () => {
  const collector = createErrorCollector();
  collector.accept([group('timeout', 2, 500, 'later'), group('http_500', 9, 100)]);
  collector.accept([group('timeout', 3, 200, 'earlier')]);
  expect(collector.finish()).toEqual([
    group('http_500', 9, 100),
    { ...group('timeout', 5, 200, 'earlier'), lastAtMs: 510 },
  ]);
});

test('the same code under other tags, or from another source, stays apart', () => {
  const collector = createErrorCollector();
  collector.accept([group('timeout', 1, 0), { ...group('timeout', 1, 0), tags: { task: 'b' } }]);
  collector.accept([{ ...group('timeout', 1, 0), source: 'iteration' }]);
  expect(collector.finish()).toHaveLength(3);
});
