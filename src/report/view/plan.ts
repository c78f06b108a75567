// The plan of a run as pages show it: who came, what they did, and how many of them when.

import type { ExecutorPlan } from '../../executors/executors.ts';
import { describeCourse, describeExecutor } from '../../executors/of-plan.ts';
import { assertNever } from '../../model/errors.ts';
import type { ScenarioPlan, ThinkTimePlan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, formatPercent } from '../format-values.ts';
import { pageOnly } from './cells.ts';
import { searchSummary } from './search.ts';
import type { Block, Note, Section } from './section.ts';

export function planSection(record: RunRecord): Section {
  const { plan } = record;
  // The scenarios of a search differ in their rate only, which the steps show.
  const shown = plan.search === undefined ? plan.scenarios : plan.scenarios.slice(0, 1);
  const search = { text: `Capacity search: ${searchSummary(record)}.` };
  const blocks: Block[] = [
    ...(plan.search === undefined ? [] : [{ kind: 'notes', look: 'lines', notes: [search] } as const]),
    { kind: 'notes', look: 'cards', notes: shown.map(noteOf) },
    {
      kind: 'facts',
      facts: [
        ...(plan.whenToRun === undefined ? [] : [{ label: 'When to run', value: plan.whenToRun }]),
        {
          label: 'Duration',
          value: `${formatDuration(plan.durationMs)}, at most ${formatDuration(plan.maxDurationMs)}`,
        },
        { label: 'Seed', value: String(plan.seed) },
        { label: 'Workers', value: formatCount(plan.workers) },
        { label: 'Request timeout', value: formatDuration(plan.http.timeoutMs) },
      ],
    },
  ];
  return { id: 'plan', title: 'Plan', blocks, ...pageOnly };
}

function noteOf({ name, executor, startAtMs, users }: ScenarioPlan): Note {
  const start = startAtMs === 0 ? '' : `, from ${formatDuration(startAtMs)} on`;
  return {
    title: name,
    tags: [executor.kind],
    text: `${executorText(executor)}${start}.`,
    items: users.map((user) => {
      const total = user.tasks.reduce((sum, { share }) => sum + share, 0);
      const mix =
        user.mix === 'flow' ? 'steps in order, each with its probability' : 'one task per iteration';
      return {
        title: user.name,
        text: `weight ${formatCount(user.weight)}, ${thinkTimeText(user.thinkTime)}, ${mix}`,
        values: user.tasks.map((task) => ({
          label: task.name,
          value: formatPercent(user.mix === 'flow' ? task.share : task.share / (total || 1)),
        })),
      };
    }),
  };
}

function thinkTimeText(thinkTime: ThinkTimePlan): string {
  switch (thinkTime.kind) {
    case 'none':
      return 'no think time';
    case 'fixed':
      return `think time ${formatDuration(thinkTime.ms)}`;
    case 'uniform':
      return `think time ${formatDuration(thinkTime.minMs)} to ${formatDuration(thinkTime.maxMs)}`;
    case 'suite':
      return 'think time decided by the suite';
    default:
      return assertNever(thinkTime);
  }
}

/** `10 VUs for 1m`; `Up to 50 VUs over 2m: from 1, to 50 within 1m, to 0 within 1m`. */
function executorText(executor: ExecutorPlan): string {
  const whole = describeExecutor(executor);
  const course = describeCourse(executor);
  const steps = course.length === 0 ? '' : `: ${course.join(', ')}`;
  return `${whole.slice(0, 1).toUpperCase()}${whole.slice(1)}${steps}`;
}
