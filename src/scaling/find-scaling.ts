// Findings about the autoscaling policy of a run's suite: what it would have done. They judge the policy, not the system,
// and leave the verdict as it is. Called by run/conclude.ts and cli/analyze.ts.

import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { type Replay, replayScaling, withInstances } from './replay.ts';
import { boundText, ruleSentences, startText, unreadableRules } from './scaling-words.ts';

/** None for a suite without a policy. `instances`: how many ran during the test, as `withInstances` takes it. */
export function findScaling(measured: Measurements, instances?: number): Finding[] {
  const policy = measured.plan.scaling;
  if (policy === undefined) return [];
  const replay = replayScaling(measured, withInstances(policy, instances));
  return [
    ...(unreadableRules(replay).length === replay.rules.length ? [] : [replayFinding(replay)]),
    ...blindFinding(replay),
    ...flappingFinding(replay),
    ...boundFinding(replay),
  ];
}

const reservation =
  'The run was of the instances that there were: more of them would have changed what was measured.';

function replayFinding(replay: Replay): Finding {
  const { decisions, decisionCount, endInstances, span } = replay;
  const first = decisions[0];
  const seen =
    span === undefined
      ? ''
      : `Held against the readings from ${formatDuration(span.fromMs)} to ${formatDuration(span.untilMs)}. `;
  const actions = decisions
    .slice(0, 5)
    .map(({ atMs, rule, kind, from, to, sinceMs }) => {
      const done =
        kind === 'resize'
          ? 'advises bigger instances'
          : `${kind === 'add' ? 'adds' : 'removes'} ${formatCount(Math.abs(to - from), 'instance')} (${from} to ${to})`;
      return `At ${formatDuration(atMs)} rule ${rule} ${done}, ${formatDuration(atMs - sinceMs)} after its condition began.`;
    })
    .join(' ');
  const more = decisionCount > 5 ? ` ${formatCount(decisionCount - 5)} more follow.` : '';
  const evidence: Evidence[] = [
    { name: 'actions', value: decisionCount, unit: '' },
    { name: 'instances at the start', value: replay.startInstances, unit: '' },
    { name: 'instances at the end', value: endInstances, unit: '' },
    ...(first === undefined
      ? []
      : [{ name: `delay of ${first.rule}`, value: first.atMs - first.sinceMs, unit: 'ms' }]),
    ...(replay.observed === undefined
      ? []
      : [
          {
            name: 'mean difference from the observed instances',
            value: replay.observed.meanDifference,
            unit: '',
          },
        ]),
  ];
  return {
    kind: 'scaling',
    severity: 'info',
    title:
      decisionCount === 0
        ? 'The autoscaling policy would have done nothing'
        : `The autoscaling policy would have acted ${decisionCount === 1 ? 'once' : formatCount(decisionCount, 'time')}`,
    detail:
      `${seen}Instances at the start: ${startText(replay)}. ${actions}${more} ${reservation}`.replaceAll(
        / +/g,
        ' ',
      ),
    evidence,
  };
}

function blindFinding(replay: Replay): Finding[] {
  const blind = replay.rules.filter(({ unreadable }) => unreadable);
  if (blind.length === 0) return [];
  return [
    {
      kind: 'scaling',
      severity: 'warning',
      title: `${formatCount(blind.length, 'scaling rule')} cannot be replayed`,
      detail: blind
        .slice(0, 10)
        .map((one) => `Rule ${one.rule.name}: ${ruleSentences(one).slice(1).join(' ')}`)
        .join(' '),
      evidence: [{ name: 'rules', value: replay.rules.length, unit: '' }],
      advice: 'Watch what the rules look at, and name the figures in scaling.metrics.',
    },
  ];
}

function flappingFinding({ undoneSoon, reversals, decisionCount }: Replay): Finding[] {
  if (undoneSoon < 2) return [];
  return [
    {
      kind: 'scaling',
      severity: 'warning',
      title: 'The autoscaling policy flaps',
      detail: `${formatCount(undoneSoon)} of its ${formatCount(decisionCount, 'action')} undo the one before within 10 minutes.`,
      evidence: [
        { name: 'actions undone within 10 minutes', value: undoneSoon, unit: '', limit: 2 },
        { name: 'changes of direction', value: reversals, unit: '' },
      ],
      advice:
        'Move the limits for adding and removing further apart, or lengthen "for" and the cooldown of the rules that remove.',
    },
  ];
}

function boundFinding({ bounds }: Replay): Finding[] {
  const first = bounds.find(({ bound }) => bound === 'upper');
  if (first === undefined) return [];
  return [
    {
      kind: 'scaling',
      severity: 'warning',
      title: 'The autoscaling policy is at its upper bound, and wants more',
      detail: `${boundText(first)} ${reservation}`,
      evidence: [{ name: 'instances', value: first.instances, unit: '', limit: first.instances }],
      advice: 'Raise maxInstances if the system behind can take it, or use bigger instances.',
    },
  ];
}
