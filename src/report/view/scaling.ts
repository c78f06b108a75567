// The autoscaling policy of a suite against its run, as the reports show it: what it would have done, and what it does in a
// simulation, beside an HPA. report-view.ts and ../text/analysis.ts put it where it belongs.

import type { RunRecord } from '../../model/run-record.ts';
import { assessScaling, type ScalingAssessment, type SimulatedPolicy } from '../../scaling/assess-scaling.ts';
import { targetText } from '../../scaling/hpa-of-rules.ts';
import type { Replay, ReplayedRule } from '../../scaling/replay.ts';
import { actionText, boundText, ruleSentences, startText } from '../../scaling/scaling-words.ts';
import type { Simulation } from '../../scaling/simulate.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, formatFigure } from '../format-values.ts';
import {
  code,
  figure,
  figureColumn,
  name,
  row,
  state,
  stateColumn,
  table,
  text,
  textColumn,
} from './cells.ts';
import type { Block, Note, Notes, Row, Section, Table } from './section.ts';

/** Without blocks for a run whose suite has no policy. */
export function scalingSection(record: RunRecord): Section {
  const policy = record.plan.scaling;
  if (policy === undefined) return { id: 'scaling', title: 'Autoscaling', blocks: [] };
  const assessment = assessScaling(record, policy);
  const { parts = [], ...section } = assessedSection(assessment);
  return {
    ...section,
    blocks: shortBlocks(assessment.replay),
    parts: parts.map((part) => ({ ...part, rooms: ['document', 'page'] })),
  };
}

/** For the end of a run in a terminal: what acted, and what could not be looked at. */
function shortBlocks(replay: Replay): Block[] {
  const { rules } = replay;
  const quiet = rules.filter(({ unreadable, actions }) => !unreadable && actions === 0);
  const sentences = [
    ...rules
      .filter(({ unreadable }) => unreadable)
      .map((one) => `Rule ${one.rule.name}: ${ruleSentences(one).join(' ')}`),
    ...(quiet.length === 0
      ? []
      : [`Rules that would have done nothing: ${quiet.map(({ rule }) => rule.name).join(', ')}.`]),
    'plimsoll analyze <run> --scaling shows each rule, a simulation of the policy, and the HPA that comes closest.',
  ];
  const notes: Notes = {
    kind: 'notes',
    look: 'lines',
    notes: sentences.map((sentence) => ({ text: sentence })),
  };
  return [...actionsOf(replay), notes].map((block) => ({ ...block, rooms: ['terminal'] }));
}

/** The same of any policy that was held against a run. */
export function assessedSection(assessment: ScalingAssessment): Section {
  const { replay } = assessment;
  return {
    id: 'scaling',
    title: 'Autoscaling',
    summary: `${formatCount(replay.decisionCount, 'action')} in the run`,
    summaryRooms: ['terminal'],
    blocks: [],
    parts: [
      replaySection(replay),
      ...simulationSections(assessment),
      ...actionsSection('rules', assessment.simulated?.rules),
      ...actionsSection('hpa', assessment.simulated?.hpa),
      hpaSection(assessment.hpa),
    ],
  };
}

const ruleColumns = [
  stateColumn,
  textColumn('Rule', { width: 16 }),
  textColumn('Trigger', { width: 44 }),
  textColumn('Action'),
  figureColumn('Acted'),
  figureColumn('First'),
  figureColumn('Delay'),
  { title: 'Readings', kind: 'detail' } as const,
];

/** None where nothing was done. */
function actionsOf({ decisions, decisionCount }: Replay): Table[] {
  if (decisions.length === 0) return [];
  const columns = [
    figureColumn('At'),
    textColumn('Rule', { width: 24 }),
    textColumn('Action'),
    figureColumn('Instances'),
    figureColumn('Condition since'),
    figureColumn('Delay'),
  ];
  const rows = decisions.map(({ atMs, rule, kind, from, to, sinceMs }) =>
    row(
      figure(atMs, 'duration'),
      name(rule),
      text(kind === 'resize' ? 'advises bigger ones' : kind === 'add' ? 'adds' : 'removes'),
      figure(to, 'count', { text: `${from} → ${to}` }),
      figure(sinceMs, 'duration'),
      figure(atMs - sinceMs, 'duration'),
    ),
  );
  return [
    table('Actions in the run', columns, rows, {
      limits: { terminal: 20, document: 20, page: 100 },
      unlisted: decisionCount - decisions.length,
      rest: { noun: 'action' },
    }),
  ];
}

function replaySection(replay: Replay): Section {
  const { rules, span } = replay;
  const notes: Note[] = [
    {
      text:
        span === undefined
          ? 'Nothing that the rules look at was read in this run.'
          : `Held against the readings from ${formatDuration(span.fromMs)} to ${formatDuration(span.untilMs)}; instances at the start: ${startText(replay)}. The run was of the instances that there were: more of them would have changed what was measured.`,
    },
    ...replay.bounds.slice(0, 3).map((one) => ({ text: boundText(one) })),
    ...(replay.undoneSoon >= 2
      ? [
          {
            text: `${formatCount(replay.undoneSoon, 'action')} undo the one before within 10 minutes: the policy flaps.`,
          },
        ]
      : []),
    ...observedNotes(replay),
  ];
  const blocks: Block[] = [
    table('Rules', ruleColumns, rules.map(ruleRow)),
    { kind: 'notes', look: 'lines', notes },
    ...actionsOf(replay),
  ];
  return { id: 'scaling-replay', title: 'What the policy would have done', blocks };
}

function ruleRow(one: ReplayedRule): Row {
  const { rule, unreadable, actions, firstAtMs, firstDelayMs } = one;
  const how = unreadable
    ? state('open', 'unknown')
    : actions > 0
      ? state('caution', 'acted')
      : state('none', 'quiet');
  return row(
    how,
    name(rule.name),
    code(rule.trigger),
    text(actionText(rule.action)),
    figure(unreadable ? null : actions, 'count'),
    figure(firstAtMs ?? null, 'duration'),
    figure(firstDelayMs ?? null, 'duration'),
    { kind: 'list', items: ruleSentences(one).map((sentence) => ({ text: sentence })) },
  );
}

function observedNotes({ observed, observedProblem, endInstances }: Replay): Note[] {
  if (observedProblem !== undefined) {
    return [{ text: `What ran is not known: ${observedProblem}. Nothing is compared with it.` }];
  }
  if (observed === undefined) return [];
  const shown = observed.changes
    .slice(0, 8)
    .map(({ atMs, instances }) => `${formatCount(instances)} from ${formatDuration(atMs)}`);
  const more = observed.changeCount > shown.length ? ', ...' : '';
  return [
    {
      text: `Observed by ${observed.source}: ${shown.join(', ')}${more}. The policy would have had as many for ${formatFigure(observed.equalShare, 'ratio')} of the time, differed by ${formatFigure(observed.meanDifference, 'count')} on average, and ended with ${formatCount(endInstances)}.`,
    },
  ];
}

function simulationSections({ simulated, refusal, replay }: ScalingAssessment): Section[] {
  const section = { id: 'scaling-simulation', title: 'The policy in a simulation' };
  if (simulated === undefined) {
    return [{ ...section, blocks: [{ kind: 'notes', look: 'lines', notes: [{ text: refusal ?? '' }] }] }];
  }
  const { load, model, rules } = simulated;
  const columns = [textColumn('Measure'), figureColumn('Rules', { isFixed: true })];
  if (simulated.hpa !== undefined) columns.push(figureColumn('HPA', { isFixed: true }));
  const rows = measures.map(({ title, of }) =>
    row(
      text(title),
      ...[rules, simulated.hpa].flatMap((one) => (one === undefined ? [] : [of(one.simulation)])),
    ),
  );
  const modelColumns = [
    textColumn('Model'),
    figureColumn('Value', { isFixed: true }),
    textColumn('From'),
    { title: 'Note', kind: 'detail' } as const,
  ];
  const modelRows = model.figures.map((one) =>
    row(text(one.title), figure(0, 'count', { text: one.text }), text(one.from), {
      kind: 'list',
      items: one.note === undefined ? [] : [{ text: one.note }],
    }),
  );
  const notes: Note[] = [
    {
      text: `Simulated over ${formatDuration(rules.simulation.durationMs)} of ${load.title}, in steps of ${formatDuration(rules.simulation.stepMs)}, without chance: work that cannot be done waits. Real waiting is longer; retries and users who give up are left out.`,
    },
    ...(rules.simulation.startInstances > replay.startInstances
      ? [
          {
            text: `The simulation begins with ${formatCount(rules.simulation.startInstances, 'instance')}, the lower bound of the policy; the run began with ${formatCount(replay.startInstances)}.`,
          },
        ]
      : []),
    ...load.cautions.map((sentence) => ({ text: sentence })),
    ...(model.isLeastCapacity
      ? [
          {
            text: 'The run shows only what an instance can do at least: fewer instances may be enough, and less may wait. State scaling.simulation.capacityPerInstance to see more.',
          },
        ]
      : []),
    ...verdictNotes(rules, 'The rules', model.isLeastCapacity),
    ...(simulated.hpa === undefined ? [] : verdictNotes(simulated.hpa, 'The HPA', model.isLeastCapacity)),
  ];
  return [
    { ...section, blocks: [table('Simulation', columns, rows), { kind: 'notes', look: 'lines', notes }] },
    {
      id: 'scaling-model',
      title: 'The model of the system',
      blocks: [table('The model', modelColumns, modelRows)],
    },
  ];
}

const count = (value: number) => figure(value, 'count');
const measures: readonly {
  readonly title: string;
  readonly of: (one: Simulation) => Row['cells'][number];
}[] = [
  {
    title: 'Instances: start, most, end',
    of: (one) =>
      figure(one.mostInstances, 'count', {
        text: `${one.startInstances}, ${one.mostInstances}, ${one.endInstances}`,
      }),
  },
  { title: 'Most that the load needs', of: ({ mostDemand }) => count(mostDemand) },
  { title: 'Instances on average', of: ({ meanInstances }) => count(meanInstances) },
  { title: 'Actions', of: ({ decisionCount }) => count(decisionCount) },
  { title: 'Changes of direction', of: ({ reversals }) => count(reversals) },
  { title: 'Time with too few', of: ({ elasticity }) => figure(elasticity.underShare, 'ratio') },
  { title: 'Time with too many', of: ({ elasticity }) => figure(elasticity.overShare, 'ratio') },
  { title: 'Too few, on average', of: ({ elasticity }) => count(elasticity.meanShortage) },
  { title: 'Too many, on average', of: ({ elasticity }) => count(elasticity.meanSurplus) },
  { title: 'Too few, of the demand', of: ({ elasticity }) => figure(elasticity.underAccuracy, 'ratio') },
  { title: 'Too many, of the demand', of: ({ elasticity }) => figure(elasticity.overAccuracy, 'ratio') },
  { title: 'Iterations that had to wait', of: ({ waitedShare }) => figure(waitedShare, 'ratio') },
  { title: 'Longest queue', of: ({ worstBacklog }) => count(Math.round(worstBacklog.iterations)) },
  { title: 'Longest wait', of: ({ worstWait }) => figure(worstWait.ms, 'ms') },
  { title: 'Longest time with a queue', of: ({ longestQueueMs }) => figure(longestQueueMs, 'duration') },
  { title: 'Queue at the end', of: ({ endBacklog }) => count(Math.round(endBacklog)) },
];

/** A queue that is done sooner is no more than the capacity of an instance may be off. */
const shortWaitMs = 1000;

function verdictNotes({ simulation, unmodelled }: SimulatedPolicy, who: string, isLeast: boolean): Note[] {
  const { endBacklog, endWaitMs, worstBacklog, bounds, undoneSoon } = simulation;
  const waiting = `${formatCount(Math.round(endBacklog))} iterations still wait at the end`;
  const unrecovered = isLeast
    ? `${who}: ${waiting}, which says nothing of whether the system recovers, since an instance may do more.`
    : endWaitMs < shortWaitMs
      ? `${who}: ${waiting}, less than a second of work.`
      : `${who} ${who === 'The HPA' ? 'does' : 'do'} not recover: ${waiting}.`;
  return [
    ...(unmodelled.length === 0
      ? []
      : [
          {
            text: `${who}: the model has no ${unmodelled.join(', ')}, and leaves out what depends on it. State a constant in scaling.simulation.assume.`,
          },
        ]),
    ...(endBacklog > 0 ? [{ text: unrecovered }] : []),
    ...(endBacklog === 0 && worstBacklog.iterations > 0
      ? [
          {
            text: `${who}: the queue is longest at ${formatDuration(worstBacklog.atMs)}, and is gone before the end.`,
          },
        ]
      : []),
    ...bounds.slice(0, 2).map((one) => ({ text: `${who}: ${boundText(one)}` })),
    ...(undoneSoon >= 2
      ? [{ text: `${who}: ${formatCount(undoneSoon, 'action')} undo the one before within 10 minutes.` }]
      : []),
  ];
}

/** None where nothing was done. */
function actionsSection(who: 'rules' | 'hpa', simulated: SimulatedPolicy | undefined): Section[] {
  const { decisions = [], decisionCount = 0 } = simulated?.simulation ?? {};
  if (decisions.length === 0) return [];
  const title = `Actions of the ${who === 'hpa' ? 'HPA' : 'rules'} in the simulation`;
  const columns = [
    figureColumn('At'),
    textColumn('Rule', { width: 24 }),
    figureColumn('Instances'),
    figureColumn('Serving'),
    figureColumn('Needed'),
    figureColumn('Load'),
    figureColumn('Queue'),
  ];
  const rows = decisions.map(({ atMs, rule, from, to, serving, demand, loadPerSec, backlog }) =>
    row(
      figure(atMs, 'duration'),
      name(rule),
      figure(to, 'count', { text: from === to ? 'bigger' : `${from} → ${to}` }),
      count(serving),
      count(demand),
      figure(loadPerSec, 'per s'),
      count(Math.round(backlog)),
    ),
  );
  const actions = table(title, columns, rows, {
    limits: { terminal: 20, document: 20, page: 100 },
    unlisted: decisionCount - decisions.length,
    rest: { noun: 'action' },
  });
  return [{ id: `scaling-${who}-actions`, title, blocks: [actions] }];
}

function hpaSection({ plan, refusal, notes }: ScalingAssessment['hpa']): Section {
  const targets = (plan?.targets ?? []).map((one) => `${one.metric} at ${targetText(one)}`).join(', ');
  const first =
    plan === undefined
      ? `There is none: ${refusal ?? ''}`
      : `Targets: ${targets}; ${plan.minReplicas} to ${plan.maxReplicas} instances.`;
  const lines = [first, ...notes].map((sentence) => ({ text: sentence }));
  return {
    id: 'scaling-hpa',
    title: 'The HPA that comes closest',
    blocks: [{ kind: 'notes', look: 'lines', notes: lines }],
  };
}
