// A run record as what reports show, made once: the headline, the sections in the order in which they are read, and what
// the charts draw. The formats in text/, markdown/ and html/ call it, and draw what fits the room that they have.

import { assessCapacity } from '../../analysis/capacity-plan/capacity-plan.ts';
import { defaultTargetMs, findScalability, type Scalability } from '../../analysis/scalability.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { alertsSection, noAlertFired } from './alerts.ts';
import { baselineSections } from './baseline.ts';
import { bottlenecksSection } from './bottlenecks.ts';
import { capacitySection } from './capacity-plan.ts';
import { changeSection } from './change.ts';
import { type ChartData, chartBlocks, chartData } from './charts.ts';
import { checksSection } from './checks.ts';
import { comparisonsSection } from './comparisons.ts';
import { connectionsSection } from './connections.ts';
import { customMetricsSection } from './custom-metrics.ts';
import { cutOffSection } from './cut-off.ts';
import { diagnosisSection } from './diagnosis.ts';
import { distributionSection } from './distribution.ts';
import { environmentSection } from './environment.ts';
import { errorsSection } from './errors.ts';
import { faultsSection } from './faults.ts';
import { findingsSection } from './findings.ts';
import { generatorSection } from './generator.ts';
import { type Headline, headlineOf } from './headline.ts';
import { keyFiguresSection } from './key-figures.ts';
import { objectivesSection } from './objectives.ts';
import { operationSections } from './operations.ts';
import { outagesSection } from './outages.ts';
import { phasesSection } from './phases.ts';
import { planSection } from './plan.ts';
import { recommendationsSection } from './recommendations.ts';
import { drivesLoad } from './record-figures.ts';
import { carriedByInstances, scalabilitySection } from './scalability.ts';
import { scalingSection } from './scaling.ts';
import { searchSection } from './search.ts';
import type { Section } from './section.ts';
import { slowestOperationsSection } from './slowest-operations.ts';
import { spikesSection } from './spikes.ts';
import { endpointsSection, tasksSection } from './tasks.ts';
import { testDataSection } from './test-data.ts';
import { thresholdsSection } from './thresholds.ts';
import { timelineSection } from './timeline.ts';
import { ownMonitorParts, watchedSection } from './watched-section.ts';

export interface ReportView {
  readonly headline: Headline;
  /** As a page has them: what happened, then how it is judged. */
  readonly sections: readonly Section[];
  /** What the blocks of kind `chart` draw, by their ids. */
  readonly charts: ChartData;
}

/** Formats are drawn one after the other, and fits and simulations take long on a long record: each record is viewed once. */
const views = new WeakMap<RunRecord, ReportView>();

export function viewOf(record: RunRecord): ReportView {
  const known = views.get(record) ?? makeView(record);
  views.set(record, known);
  return known;
}

function makeView(record: RunRecord): ReportView {
  const isLoad = drivesLoad(record);
  const scalability = isLoad ? scalabilityOf(record) : undefined;
  const charts = chartData(record, scalability);
  const sections = isLoad ? loadSections(record, charts, scalability) : watchSections(record, charts);
  return { headline: headlineOf(record), sections, charts };
}

/** With estimates at the numbers of users that the suite speaks of. */
function scalabilityOf(record: RunRecord): Scalability | undefined {
  const { operationsReport, capacity } = record.plan;
  const expected = capacity?.growth?.expected.map(({ users }) => users) ?? [];
  const loads = [...expected, ...(operationsReport === undefined ? [] : [operationsReport.users])];
  const targetMs = operationsReport?.targetMs ?? defaultTargetMs;
  const ascending = [...new Set(loads)].filter((load) => load > 0).sort((a, b) => a - b);
  return findScalability([record], { loads: ascending, targetMs });
}

/** Where a curve was found, or the suite asks; most runs are not made for it. */
function capacitySections(record: RunRecord, scalability: Scalability | undefined): Section[] {
  const { capacity } = record.plan;
  const status = record.verdict.status;
  const assessment = assessCapacity([{ measured: record, status }], scalability);
  const isShown =
    scalability?.model !== undefined || (capacity !== undefined && (scalability?.levels.length ?? 0) > 1);
  return [
    capacitySection(assessment),
    ...(scalability !== undefined && isShown
      ? [scalabilitySection(scalability, carriedByInstances(capacity?.instances, assessment), 'report')]
      : []),
  ];
}

/** Of a record of `plimsoll monitor`: nothing about load, since there was none. */
function watchSections(record: RunRecord, { watched }: ChartData): Section[] {
  const alerts = alertsSection(record);
  return [
    { ...alerts, blocks: [...alerts.blocks, ...noAlertFired(record)] },
    watchedSection(record, watched),
    diagnosisSection(record),
    ...(record.plan.thresholds.length === 0 ? [] : [thresholdsSection(record)]),
    scalingSection(record),
    findingsSection(record),
    recommendationsSection(record),
    environmentSection(record),
  ];
}

function loadSections(record: RunRecord, charts: ChartData, scalability: Scalability | undefined): Section[] {
  const operations = [connectionsSection(record), ...operationSections(record)];
  const hasOthers = operations.some(({ blocks }) => blocks.length > 0);
  const small = chartBlocks(charts, (chart) => chart.small);
  return [
    keyFiguresSection(record, noAlertFired(record)),
    alertsSection(record),
    timelineSection(record, charts),
    watchedSection(record, charts.watched),
    changeSection(record),
    distributionSection(charts),
    searchSection(record),
    phasesSection(record),
    tasksSection(record),
    endpointsSection(record, hasOthers),
    ...operations,
    slowestOperationsSection(record),
    customMetricsSection(record),
    checksSection(record),
    testDataSection(record),
    faultsSection(record),
    outagesSection(record),
    spikesSection(record),
    errorsSection(record),
    diagnosisSection(record),
    cutOffSection(record),
    objectivesSection(record),
    thresholdsSection(record),
    ...baselineSections(record),
    comparisonsSection(record),
    scalingSection(record),
    bottlenecksSection(record),
    findingsSection(record),
    ...capacitySections(record, scalability),
    recommendationsSection(record),
    generatorSection(record, small, ownMonitorParts(record, charts.watched)),
    planSection(record),
    environmentSection(record),
  ];
}

/** Where there is little room, how the run is judged stands above what happened in it. */
const judgedFirst = [
  'figures',
  'search',
  'objectives',
  'thresholds',
  'faults',
  'gates',
  'regression',
  'comparisons',
];
/** What was watched stands behind what the run did. */
const afterwards = [
  'watched',
  'change',
  'alerts',
  'checks',
  'data',
  'outages',
  'spikes',
  'errors',
  'diagnosis',
  'cut-off',
  'scaling',
  'bottlenecks',
  'findings',
  'capacity-plan',
  'scalability',
  'recommendations',
  'generator',
];
const last = ['plan', 'environment'];

/** The same sections in the order of a summary. */
export function inSummaryOrder(sections: readonly Section[]): Section[] {
  const rank = ({ id }: Section): number => {
    const early = judgedFirst.indexOf(id);
    if (early >= 0) return early;
    const late = [...afterwards, ...last].indexOf(id);
    return judgedFirst.length + (late < 0 ? 0 : late + 1);
  };
  return [...sections].sort((a, b) => rank(a) - rank(b));
}
