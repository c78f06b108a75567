// How the load generator itself did, as the reports show it: whether it kept up, and what it cost.

import type { RunRecord } from '../../model/run-record.ts';
import { formatBytes, formatCount, formatMs, formatPercent } from '../format-values.ts';
import { pageOnly, terminalOnly } from './cells.ts';
import { gapTexts } from './gaps.ts';
import type { Block, Fact, Note, Section } from './section.ts';

/** `charts` are small ones over time; `parts` what monitors read of its processes and its machine. */
export function generatorSection(
  record: RunRecord,
  charts: readonly Block[],
  parts: readonly Section[],
): Section {
  const { generator: health } = record;
  return {
    id: 'generator',
    title: 'Load generator',
    // A document has its last line for it.
    rooms: ['terminal', 'page'],
    summary: health.saturated ? 'saturated: it, not the target, limited this run' : 'kept up',
    blocks: [
      { kind: 'notes', look: 'lines', notes: notesOn(record), ...pageOnly },
      { kind: 'facts', facts: factsOf(record) },
      ...charts,
    ],
    parts: parts.map((part) => ({ ...part, ...pageOnly })),
  };
}

function notesOn({ generator: { saturated, reasons } }: RunRecord): Note[] {
  if (!saturated) {
    return [{ status: 'good', text: 'Kept up: the figures describe the target, not the generator.' }];
  }
  const text = 'Saturated: the load generator, not the target, limited this run.';
  return [{ status: 'caution', text }, ...reasons.map((reason) => ({ text: reason }))];
}

function factsOf({ generator: health, plan, recovery }: RunRecord): Fact[] {
  const { cpu, eventLoopDelayMs, scheduleLagMs, gcPauseMs, workers } = health;
  const gaps = gapTexts(health.gaps);
  const lost = workers.filter(({ completed }) => !completed).length;
  // A killed coordinator has not heard how its workers ended.
  const count = formatCount(recovery?.killed ? plan.workers : workers.length);
  const each = workers.map(
    ({ index, cpuMs, peakMemoryBytes, completed }) =>
      `worker ${index}: ${formatMs(cpuMs)} CPU, ${formatBytes(peakMemoryBytes)} at most${completed ? '' : ', lost'}`,
  );
  return [
    {
      label: 'Workers',
      value: lost > 0 ? `${count}, ${lost} lost` : count,
      ...terminalOnly,
    },
    { label: 'CPU at p95', value: `${formatPercent(cpu['p(95)'])} of a core` },
    { label: 'Event-loop delay at p99', value: formatMs(eventLoopDelayMs['p(99)']) },
    {
      label: 'Schedule lag at p99',
      value: scheduleLagMs.count === 0 ? 'not measured' : formatMs(scheduleLagMs['p(99)']),
      ...(scheduleLagMs.count === 0 && pageOnly),
    },
    { label: 'Longest garbage collection', value: formatMs(gcPauseMs.max), ...pageOnly },
    { label: 'Dropped iterations', value: formatCount(health.droppedIterations) },
    ...(gaps.length === 0 ? [] : [{ label: 'Load missing', value: gaps.join('; ') }]),
    {
      label: 'Workers',
      value: each.length > 0 ? each.join('; ') : recovery?.killed ? 'not known' : 'none',
      ...pageOnly,
    },
  ];
}
