// The plan of a run as pages show it: who came, what they did, and how many of them when.

import { assertNever } from '../../model/errors.ts';
import type { ArrivalExecutorPlan } from '../../model/executor.ts';
import type { ExecutorPlan, ScenarioPlan, ThinkTimePlan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, formatPercent, formatPerSec } from '../format-values.ts';
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

function executorText(executor: ExecutorPlan): string {
  switch (executor.kind) {
    case 'constant-vus': {
      const ramp = executor.rampUpMs === 0 ? '' : `, reached within ${formatDuration(executor.rampUpMs)}`;
      return `${formatCount(executor.vus)} VUs for ${formatDuration(executor.durationMs)}${ramp}`;
    }
    case 'ramping-vus': {
      const stages = executor.stages.map(
        ({ durationMs, target }) => `to ${formatCount(target)} within ${formatDuration(durationMs)}`,
      );
      return `From ${formatCount(executor.startVUs)} VUs ${stages.join(', ')}`;
    }
    case 'per-vu-iterations':
      return `${formatCount(executor.vus)} VUs with ${formatCount(executor.iterations)} iterations each, at most ${formatDuration(executor.maxDurationMs)}`;
    case 'shared-iterations':
      return `${formatCount(executor.iterations)} iterations shared by ${formatCount(executor.vus)} VUs, at most ${formatDuration(executor.maxDurationMs)}`;
    case 'constant-arrival-rate':
      return `${formatPerSec(executor.ratePerSec)} iterations started for ${formatDuration(executor.durationMs)}, ${arrivalText(executor)}`;
    case 'ramping-arrival-rate': {
      const stages = executor.stages.map(
        ({ durationMs, target }) => `to ${formatPerSec(target)} within ${formatDuration(durationMs)}`,
      );
      return `Iterations started from ${formatPerSec(executor.startRatePerSec)} ${stages.join(', ')}, ${arrivalText(executor)}`;
    }
    case 'externally-controlled':
      return `${formatCount(executor.vus)} VUs at the start and at most ${formatCount(executor.maxVUs)}, as asked for, for ${formatDuration(executor.durationMs)}`;
    default:
      return assertNever(executor);
  }
}

function arrivalText({ preAllocatedVUs, maxVUs, arrivals }: ArrivalExecutorPlan): string {
  const vus = `by ${formatCount(preAllocatedVUs)} to ${formatCount(maxVUs)} VUs`;
  return arrivals === undefined ? vus : `${vus}, at random as independent visitors come (${arrivals})`;
}
