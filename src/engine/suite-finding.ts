// Takes in what a suite's setup or teardown has found. It comes from user code, which may be JavaScript, so its shape
// is checked before it goes into a record. Called by run-hooks.ts.

import type { Evidence, Finding, SuiteFinding } from '../model/verdict.ts';

const severities: readonly string[] = ['info', 'warning', 'critical'] satisfies Finding['severity'][];

/** Throws a `TypeError` that names what is wrong. */
export function findingOf({ severity, title, detail = title, evidence = [], advice }: SuiteFinding): Finding {
  const expect = (holds: boolean, expected: string): void => {
    if (!holds) throw new TypeError(`finding(): expected ${expected}`);
  };
  expect(severities.includes(severity), 'severity "info", "warning" or "critical"');
  expect(typeof title === 'string' && title.trim() !== '', 'a title');
  expect(typeof detail === 'string', 'a text as detail');
  expect(advice === undefined || typeof advice === 'string', 'a text as advice');
  expect(
    Array.isArray(evidence) && evidence.every(isEvidence),
    'evidence such as [{ name: "rows read", value: 120, unit: "rows" }] with finite values',
  );
  return {
    kind: 'suite',
    source: 'suite',
    severity,
    title,
    detail,
    evidence: evidence.map(({ name, value, unit, limit }) => ({
      name,
      value,
      unit,
      ...(limit !== undefined && { limit }),
    })),
    ...(advice !== undefined && { advice }),
  };
}

function isEvidence({ name, value, unit, limit }: Evidence): boolean {
  const isNumber = (one: unknown): boolean => typeof one === 'number' && Number.isFinite(one);
  return (
    typeof name === 'string' &&
    name !== '' &&
    typeof unit === 'string' &&
    isNumber(value) &&
    (limit === undefined || isNumber(limit))
  );
}
