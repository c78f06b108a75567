// What stands at the top of a report: which advice is told there.

import { expect, test } from 'vitest';
import { makeRecord } from '../record.cases.ts';
import { headlineOf } from './headline.ts';

test('of advice in numbered steps, the first step is told without its number', () => {
  const record = makeRecord('passing', 5);
  const finding = { kind: 'alert', severity: 'warning', title: 'CPU', detail: '', evidence: [] } as const;
  const findings = [
    { ...finding, advice: '1. Check the parameters. 2. Look for leaks.' },
    { ...finding, advice: 'Add 2. Then look again.' },
  ];
  expect(headlineOf({ ...record, findings }).advice).toEqual(['Check the parameters.', 'Add 2.']);
});
