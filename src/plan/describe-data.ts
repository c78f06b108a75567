// The test data of a plan as text. Called by describe.ts.

import type { FeederPlan } from '../model/feeder.ts';
import type { Plan } from '../model/plan.ts';
import { formatCount } from '../text/format-figure.ts';

const spanWords: Readonly<Record<FeederPlan['per'], string>> = {
  iteration: 'a row per iteration',
  user: 'a row per user',
  call: 'a row per call',
};
const endWords: Readonly<Record<FeederPlan['atEnd'], string>> = {
  wrap: 'begins again',
  'stop-user': 'ends the user that asks',
  'end-scenario': 'ends the scenario',
  fail: 'ends and fails the run',
};
const widestColumns = 60;

/** Two lines for each feeder; empty without any. */
export function dataLines({ data = [] }: Plan): string[] {
  if (data.length === 0) return [];
  return ['Test data: rows that users take', ...data.flatMap(feederLines)];
}

function feederLines(plan: FeederPlan): string[] {
  const { name, rows, policy, per } = plan;
  const count = rows === null ? 'rows without end' : formatCount(rows, 'row');
  const parts = [`${policy}, ${spanWords[per]}`, ...endOf(plan)];
  return [
    `  ${name.padEnd(20)} ${sourceWords(plan)}, ${count}`,
    `  ${''.padEnd(20)} ${parts.join('; ')}`,
    ...columnLine(plan).map((line) => `  ${''.padEnd(20)} ${line}`),
  ];
}

function endOf({ rows, policy, atEnd }: FeederPlan): string[] {
  return rows === null || policy === 'random' ? [] : [`at the end ${endWords[atEnd]}`];
}

function sourceWords({ source, file }: FeederPlan): string {
  if (source === 'generated') return 'generated';
  return source === 'rows' ? 'rows of the suite' : file!;
}

function columnLine({ columns, masked }: FeederPlan): string[] {
  if (columns.length === 0) return [];
  const names = columns.map((name) => (masked.includes(name) ? `${name} (masked)` : name));
  let text = '';
  for (const [i, name] of names.entries()) {
    const next = text === '' ? name : `${text}, ${name}`;
    if (next.length > widestColumns) return [`columns ${text}, and ${names.length - i} more`];
    text = next;
  }
  return [`columns ${text}`];
}
