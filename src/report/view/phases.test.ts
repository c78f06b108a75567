import { expect, test } from 'vitest';
import type { PhaseFigures } from '../../model/phase.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { makeRecord } from '../record.cases.ts';
import { figureText } from './cells.ts';
import { phasesSection } from './phases.ts';
import type { Section } from './section.ts';

const figures: PhaseFigures[] = [
  {
    ...{ kind: 'request', count: 200, perSec: 20, failed: 4 },
    durations: { avg: 30, min: 1, med: 25, max: 90, 'p(90)': 60, 'p(95)': 70, 'p(99)': 80, count: 200 },
  },
];

function textsOf({ blocks }: Section): string[][] {
  return blocks.flatMap((block) =>
    block.kind === 'table'
      ? block.rows.map(({ cells }) =>
          cells.map((cell) =>
            cell.kind === 'figure' ? figureText(cell, '-') : 'text' in cell ? cell.text : '',
          ),
        )
      : [],
  );
}

function withParts(changes: Partial<RunRecord>): RunRecord {
  const record = makeRecord('passing');
  return { ...record, ...changes };
}

test('a stage has its load, its time and its figures', () => {
  const record = withParts({});
  const scenario = record.plan.scenarios[0]!;
  const executor = {
    ...{ kind: 'ramping-vus' as const, startVUs: 0, gracefulRampDownMs: 0 },
    stages: [{ durationMs: 10_000, target: 5 }],
  };
  const section = phasesSection({
    ...record,
    plan: { ...record.plan, scenarios: [{ ...scenario, executor }] },
    phases: [{ scenario: scenario.name, stage: 1, fromMs: 0, untilMs: 10_000, figures }],
  });
  expect(textsOf(section)[0]!.slice(0, 10)).toEqual([
    ...['stage 1', 'to 5 within 10s', '0ms', '10s', '', '200', '20/s', '2 %', '25 ms', '70 ms'],
  ]);
});

test('a steady state says what it left out, or why there is none', () => {
  const steady = { fromMs: 5000, untilMs: 60_000, figures, warmUpMs: 5000 };
  const section = phasesSection(withParts({ steady: [steady] }));
  expect(textsOf(section)[0]!.slice(0, 4)).toEqual(['steady state', 'without 5s of warm-up', '5s', '1m']);
  const refused = phasesSection(withParts({ steady: [{ ...steady, figures: [], reason: 'it moved.' }] }));
  expect(textsOf(refused)[0]!.slice(4, 8)).toEqual(['', '-', '-', '-']);
  expect(JSON.stringify(refused)).toContain('No steady state from 5s to 1m: it moved.');
});

test('what a lost worker left out is not called steady', () => {
  const record = withParts({ steady: [{ fromMs: 5000, untilMs: 60_000, figures, warmUpMs: 5000 }] });
  const gap = {
    worker: 0,
    fromMs: 20_000,
    untilMs: 22_000,
    measuredUntilMs: 19_000,
    users: 5,
    reason: 'killed',
  };
  const section = phasesSection({ ...record, generator: { ...record.generator, gaps: [gap] } });
  expect(JSON.stringify(section)).toContain('the load of a lost worker was missing');
  expect(textsOf(section)[0]!.slice(5, 7)).toEqual(['-', '-']);
});

test('a run without parts has no such section', () => {
  expect(phasesSection(withParts({})).blocks).toEqual([]);
});
